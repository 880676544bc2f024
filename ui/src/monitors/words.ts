/** Options in words: what the numbers of a document mean for somebody who is woken by them. */
import type { MonitorOptions } from "../api/monitorModel";
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
    words.push(`no data for ${number("no_data_timeframe") || 10} min: shown and told`);
  else if (options.on_missing_data && options.on_missing_data !== "default")
    words.push(MISSING[options.on_missing_data] ?? options.on_missing_data);
  if (number("renotify_interval") > 0) {
    const times = number("renotify_occurrences");
    words.push(
      `told again every ${span(number("renotify_interval") * 60)}${times > 0 ? `, at most ${times} times` : ""}`,
    );
  }
  if (number("evaluation_delay") > 0)
    words.push(`evaluated ${span(number("evaluation_delay"))} late, for data that comes late`);
  const delay = number("new_group_delay") || number("new_host_delay");
  if (delay > 0) words.push(`new groups wait ${span(delay)}`);
  if (options.require_full_window === true && type !== "log alert") words.push("only when the whole window has data");
  if (options.notify_by?.length) words.push(`one notice for each ${options.notify_by.join(", ")}`);
  if (options.group_retention_duration)
    words.push(`groups are kept ${options.group_retention_duration} after their last data`);
  return words;
}
