/** Options in words: what the numbers of a document mean for somebody who is woken by them. */
import type { MonitorOptions } from "../api/monitorModel";
import { ruleText, writeRule } from "../downtimes/rrule";
import { notifyByOf } from "./notifyBy";
import { scheduleOf } from "./schedule";
import { numberOf } from "./thresholds";

const MISSING: Record<string, string> = {
  default: "no data: evaluated as zero where it counts, else the last state stays",
  show_no_data: "no data: shown, nobody is told",
  show_and_notify_no_data: "no data: shown and told",
  resolve: "no data: back to OK",
};

const span = (seconds: number) =>
  seconds % 86_400 === 0
    ? `${seconds / 86_400} d`
    : seconds % 3_600 === 0
      ? `${seconds / 3_600} h`
      : seconds % 60 === 0
        ? `${seconds / 60} min`
        : `${seconds} s`;

/** Only what differs from doing nothing special. */
export function optionWords(type: string, options: MonitorOptions): string[] {
  const words: string[] = [];
  const number = (name: string) => numberOf(options[name]) ?? 0;
  if (options.notify_no_data === true)
    words.push(
      `no data for ${number("no_data_timeframe") > 0 ? `${number("no_data_timeframe")} min` : "two windows"}: shown and told`,
    );
  else if (options.on_missing_data && options.on_missing_data !== "default")
    words.push(MISSING[options.on_missing_data] ?? options.on_missing_data);
  if (number("renotify_interval") > 0) {
    const times = number("renotify_occurrences");
    words.push(
      `told again every ${span(number("renotify_interval") * 60)}${times > 0 ? `, at most ${times} times` : ""}`,
    );
  }
  const schedule = scheduleOf(options);
  if (schedule) {
    const rule = schedule.ruleText ?? ruleText(writeRule(schedule.rule));
    const others =
      schedule.others > 0
        ? `, and at the times of ${schedule.others} more ${schedule.others > 1 ? "rules" : "rule"}`
        : "";
    const at = schedule.start ? ` at ${schedule.start.slice(-5)}` : "";
    words.push(`evaluated only ${rule}${at}, ${schedule.zone}${others}`);
  }
  if (number("evaluation_delay") > 0)
    words.push(`evaluated ${span(number("evaluation_delay"))} late, for data that comes late`);
  const delay = number("new_group_delay") || number("new_host_delay");
  if (delay > 0) words.push(`new groups wait ${span(delay)}`);
  if (options.require_full_window === true && type !== "log alert") words.push("only when the whole window has data");
  const by = notifyByOf(options);
  if (by !== "groups") words.push(by === "all" ? "one notice for all groups" : `one notice for each ${by.join(", ")}`);
  if (number("timeout_h") > 0) words.push(`trouble without data for ${number("timeout_h")} h is resolved`);
  if (options.group_retention_duration)
    words.push(`groups are kept ${options.group_retention_duration} after their last data`);
  if ((options.notification_preset_name ?? "show_all") !== "show_all")
    words.push(`notices are shorter (${options.notification_preset_name?.replaceAll("_", " ")})`);
  if (options.include_tags === false) words.push("the subject does not name the group");
  return words;
}
