/** The kinds of monitors as the editor offers them. */
import type { IconName } from "../ui/Icon";
import type { Kind } from "./form";

export interface KindCard {
  kind: Kind;
  label: string;
  icon: IconName;
  what: string;
}

export const KINDS: KindCard[] = [
  { kind: "threshold", label: "Metric", icon: "explore", what: "A metric above or below a number" },
  { kind: "change", label: "Change", icon: "up", what: "A metric against itself some time ago, in numbers or percent" },
  { kind: "anomaly", label: "Anomaly", icon: "metrics", what: "A metric outside of what its past would expect" },
  { kind: "outlier", label: "Outlier", icon: "star", what: "One group that is not like its neighbours" },
  { kind: "forecast", label: "Forecast", icon: "forward", what: "A metric that will reach a number" },
  { kind: "logs", label: "Logs", icon: "logs", what: "How many logs match, or a figure of them" },
  { kind: "traces", label: "Traces", icon: "traces", what: "How many spans match, or their durations" },
  { kind: "events", label: "Events", icon: "events", what: "How many events match" },
  { kind: "check", label: "Service check", icon: "check", what: "A check that reports a status" },
  { kind: "process", label: "Process", icon: "services", what: "How many processes of a name run" },
  { kind: "slo", label: "SLO", icon: "dashboards", what: "The error budget, or how fast it burns" },
  { kind: "synthetic", label: "Synthetic test", icon: "link", what: "HTTP, TCP and TLS tests that an agent runs" },
  { kind: "composite", label: "Composite", icon: "map", what: "Several monitors, joined by && || !" },
];

export const WINDOWS: [string, string][] = [
  ["1m", "1 minute"],
  ["5m", "5 minutes"],
  ["10m", "10 minutes"],
  ["15m", "15 minutes"],
  ["30m", "30 minutes"],
  ["1h", "1 hour"],
  ["2h", "2 hours"],
  ["4h", "4 hours"],
  ["12h", "12 hours"],
  ["1d", "1 day"],
  ["2d", "2 days"],
  ["1w", "1 week"],
  ["1mo", "1 month"],
];

/** Windows that grow from a start that comes again; where that is, the options say. */
export const CURRENT: [string, string][] = [
  ["current_1h", "hour so far"],
  ["current_1d", "day so far"],
  ["current_1mo", "month so far"],
];

export const windowText = (window: string) => {
  const bare = window.replace(/^(last|next)_/, "");
  const found = [...WINDOWS, ...CURRENT].find(([value]) => value === bare)?.[1];
  const match = /^(\d+)([mhdw])$/.exec(bare);
  const unit = { m: "minutes", h: "hours", d: "days", w: "weeks" }[match?.[2] ?? ""];
  return found ?? (match && unit ? `${match[1]} ${unit}` : bare);
};

export const COMPARATOR_WORDS: Record<string, string> = {
  ">": "above",
  ">=": "above or equal to",
  "<": "below",
  "<=": "below or equal to",
};

/** Variables of messages by what they are about, for completion. */
export const CONDITIONS = [
  "is_alert",
  "is_warning",
  "is_recovery",
  "is_alert_recovery",
  "is_warning_recovery",
  "is_alert_to_warning",
  "is_warning_to_alert",
  "is_no_data",
  "is_no_data_recovery",
  "is_renotify",
  "is_unknown",
];

export const VARIABLES = [
  ["value", "what was measured"],
  ["threshold", "the alert threshold"],
  ["warn_threshold", "the warning threshold"],
  ["ok_threshold", "the threshold of OK"],
  ["alert_recovery_threshold", "the alert recovery threshold"],
  ["warn_recovery_threshold", "the warning recovery threshold"],
  ["comparator", "> or <"],
  ["first_triggered_at", "when this trouble began"],
  ["first_triggered_at_epoch", "the same in seconds"],
  ["last_triggered_at", "when it came last"],
  ["last_triggered_at_epoch", "the same in seconds"],
  ["triggered_duration_sec", "how long it has lasted"],
  ["check_message", "what the check said"],
  ["host.name", "the host of the group"],
  ["host.ip", "its address"],
] as const;
