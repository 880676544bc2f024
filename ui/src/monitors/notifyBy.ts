/** `notify_by`: what there is one notice for. */
import type { MonitorOptions } from "../api/monitorModel";

/** Each group has its own, all share one, or one for each value of some keys. */
export type NotifyBy = "groups" | "all" | string[];

export function notifyByOf({ notify_by, groupby_simple_monitor }: MonitorOptions): NotifyBy {
  if (notify_by && notify_by.length > 0) return notify_by.join() === "*" ? "all" : notify_by;
  return groupby_simple_monitor === true ? "all" : "groups";
}

/** The options that say so; the older word for one notice is taken back where it would say something else. */
export function withNotifyBy(options: MonitorOptions, by: NotifyBy): Partial<MonitorOptions> {
  const older = options.groupby_simple_monitor === true ? { groupby_simple_monitor: false } : {};
  if (by === "all") return { notify_by: ["*"] };
  return { ...older, notify_by: by === "groups" || by.length === 0 ? undefined : by };
}

/** A key more, or one less. */
export function turnedKey(by: NotifyBy, key: string): NotifyBy {
  const keys = Array.isArray(by) ? by : [];
  const next = keys.includes(key) ? keys.filter((each) => each !== key) : [...keys, key];
  return next.length > 0 ? next : "groups";
}
