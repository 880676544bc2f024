/** Runs of a check gathered by tags: what a widget counts. */
import type { HostCheck } from "../api/checks";
import type { CheckStatus } from "../api/hosts";

export const CHECK_STATUSES: CheckStatus[] = ["critical", "warning", "unknown", "ok"];

export interface CheckGroup {
  name: string;
  counts: Record<CheckStatus, number>;
  worst: CheckStatus;
}

const tagsOf = ({ host, tags }: HostCheck) => (host === "" ? tags : [`host:${host}`, ...tags]);

/** Runs that have all the tags; `*` takes any. */
export function matching(checks: HostCheck[], wanted: string[]): HostCheck[] {
  const asked = wanted.filter((tag) => tag !== "*" && tag !== "");
  return checks.filter((check) => asked.every((tag) => tagsOf(check).includes(tag)));
}

/** Without keys there is one group; a key that a run lacks leaves it out, as a query's `by` does. */
export function groupsOf(checks: HostCheck[], keys: string[]): CheckGroup[] {
  const groups = new Map<string, CheckGroup>();
  for (const check of checks) {
    const values = keys.map((key) =>
      tagsOf(check)
        .find((tag) => tag.startsWith(`${key}:`))
        ?.slice(key.length + 1),
    );
    if (values.some((value) => value === undefined)) continue;
    const name = values.join(", ");
    const group = groups.get(name) ?? { name, counts: { critical: 0, warning: 0, unknown: 0, ok: 0 }, worst: "ok" };
    group.counts[check.status] += 1;
    group.worst = CHECK_STATUSES.find((status) => group.counts[status] > 0) ?? "ok";
    groups.set(name, group);
  }
  const rank = ({ worst }: CheckGroup) => CHECK_STATUSES.indexOf(worst);
  return [...groups.values()].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}
