/** What the palette offers: pages, ranges, themes, dashboards, hosts and, from two letters on, metrics. */
import { useDashboards } from "../api/dashboards";
import { useHosts } from "../api/hosts";
import { useMetrics } from "../api/metrics";
import { exploreLink } from "../dashboard/explore";
import { usePageRange } from "../time/page";
import { PRESETS } from "../time/range";
import { parseTyped } from "../time/typed";
import { score, searches, type Command } from "./searches";
import { setTheme } from "./theme";

export type { Command };

const SHOWN_MAX = 40;
/** Places that are kept for searches of rows. */
const ROWS_OFFERED = 3;
const METRICS_SHOWN = 12;
const METRIC_SEARCH_MIN = 2;

const PAGES: Command[] = [
  { id: "p1", label: "Dashboards", hint: "g d", icon: "dashboards", to: "/dashboards" },
  { id: "p2", label: "Metrics explorer", hint: "g m", icon: "explore", to: "/metrics/explore" },
  { id: "p3", label: "Metrics summary", hint: "g s", icon: "metrics", to: "/metrics/summary" },
  { id: "a1", label: "Services", hint: "g a", icon: "services", to: "/apm/services" },
  { id: "a2", label: "Traces", hint: "g t", icon: "traces", to: "/apm/traces" },
  { id: "a3", label: "Service map", hint: "g p", icon: "map", to: "/apm/map" },
  { id: "l1", label: "Logs", hint: "g l", icon: "logs", to: "/logs" },
  { id: "l2", label: "Logs: live tail", hint: "", icon: "play", to: "/logs?view=tail" },
  { id: "l3", label: "Logs: patterns", hint: "", icon: "logs", to: "/logs?view=patterns" },
  {
    id: "l4",
    label: "Log pipelines, scrub rules, metrics from logs",
    hint: "",
    icon: "pipelines",
    to: "/logs/pipelines",
  },
  { id: "l5", label: "Events", hint: "g e", icon: "events", to: "/events" },
  { id: "w1", label: "Downtimes", hint: "", icon: "mute", to: "/monitors/downtimes" },
  { id: "w2", label: "New downtime: mute monitors", hint: "", icon: "mute", to: "/monitors/downtimes?new=1" },
  { id: "w3", label: "SLOs: service level objectives", hint: "", icon: "explore", to: "/slos" },
  { id: "w4", label: "Synthetic tests", hint: "", icon: "refresh", to: "/synthetics" },
  { id: "w5", label: "Deliveries of notices", hint: "", icon: "logs", to: "/monitors/deliveries" },
  { id: "w6", label: "Notifications: channels and mail", hint: "", icon: "settings", to: "/settings/notifications" },
  { id: "o1", label: "Monitors", hint: "g o", icon: "monitors", to: "/monitors" },
  { id: "o2", label: "Monitors that alert now", hint: "", icon: "monitors", to: "/monitors?query=status%3Aalert" },
  { id: "o3", label: "Monitors that are muted", hint: "", icon: "mute", to: "/monitors?query=muted%3Atrue" },
  { id: "o4", label: "New monitor", hint: "", icon: "plus", to: "/monitors/new" },
  { id: "o5", label: "Paste a monitor’s JSON", hint: "", icon: "upload", to: "/monitors?paste=1" },
  { id: "p4", label: "Hosts", hint: "g h", icon: "hosts", to: "/hosts" },
  { id: "p5", label: "Set up: send data in", hint: "g i", icon: "setup", to: "/setup" },
  {
    id: "p6",
    label: "Settings: keys, retention, memory, refused rows",
    hint: "g ,",
    icon: "settings",
    to: "/settings",
  },
  { id: "p7", label: "New dashboard", hint: "", icon: "plus", to: "/dashboards?new=1" },
  { id: "p8", label: "Import a dashboard's JSON", hint: "", icon: "upload", to: "/dashboards?import=1" },
  { id: "t1", label: "Theme: light", hint: "Shift D", icon: "sun", run: () => setTheme("light") },
  { id: "t2", label: "Theme: dark", hint: "Shift D", icon: "moon", run: () => setTheme("dark") },
  { id: "t3", label: "Theme: as the system", hint: "", icon: "system", run: () => setTheme("system") },
];

export function useCommands(text: string): Command[] {
  const { setRange, nowMs } = usePageRange();
  const dashboards = useDashboards().data?.dashboards ?? [];
  const hosts = useHosts().data?.hosts ?? [];
  const metrics = useMetrics(text.trim(), METRICS_SHOWN, text.trim().length >= METRIC_SEARCH_MIN).data?.metrics ?? [];
  const ranges = PRESETS.map(({ text: span, label }): Command => {
    const range = parseTyped(span, 0)!;
    return {
      id: `r-${span}`,
      label: `Time: ${label.toLowerCase()}`,
      hint: span,
      icon: "clock",
      run: () => setRange(range),
    };
  });
  const boards = dashboards.map(({ id, title }): Command => ({
    id: `d-${id}`,
    label: title,
    hint: "dashboard",
    icon: "dashboards",
    to: `/dashboard/${id}`,
  }));
  if (text.trim() === "") return [...boards.slice(0, 6), ...PAGES];
  const machines = hosts.map(({ name }): Command => ({
    id: `h-${name}`,
    label: name,
    hint: "host",
    icon: "hosts",
    to: `/hosts/${encodeURIComponent(name)}`,
  }));
  const found = [...PAGES, ...boards, ...machines, ...ranges]
    .map((command) => ({ command, points: score(command.label, text) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points)
    .map(({ command }) => command);
  const typed = parseTyped(text, nowMs);
  const range: Command[] = typed
    ? [{ id: "typed", label: `Time range: ${text}`, hint: "range", icon: "clock", run: () => setRange(typed) }]
    : [];
  const names = metrics.map((metric): Command => ({
    id: `m-${metric.name}`,
    label: metric.name,
    hint: metric.kind,
    icon: "explore",
    to: exploreLink(metric),
  }));
  return [...range, ...found.slice(0, SHOWN_MAX - ROWS_OFFERED), ...searches(text), ...names].slice(0, SHOWN_MAX);
}
