/** Addresses of the pages for monitors, and the search for rows that a group stands for. */
import { both, term } from "../apm/links";

export const monitorLink = (id: number | string) => `/monitors/${id}`;

export function whyLink(id: number | string, atMs: number, group: string): string {
  const params = new URLSearchParams({ at: String(Math.round(atMs)) });
  if (group) params.set("group", group);
  return `/monitors/${id}/why?${params}`;
}

/** `host:web-1,env:prod` as a search for logs and spans. A value may hold commas: a pair begins with a key. */
export function searchOf(group: string): string {
  return both(...pairsOf(group).map(([key, value]) => term(key, value)));
}

export function pairsOf(group: string): [string, string][] {
  if (group === "" || group === "*") return [];
  const pairs: [string, string][] = [];
  for (const part of group.split(",")) {
    const match = /^(@?[\w.$/-]+):(.*)$/s.exec(part);
    const last = pairs[pairs.length - 1];
    if (match) pairs.push([match[1], match[2]]);
    else if (last) last[1] += `,${part}`;
  }
  return pairs;
}
