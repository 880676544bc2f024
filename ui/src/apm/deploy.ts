/** Before and after a moment: which spans of time are compared, and how tables of the two are joined. */
import type { EventEntry } from "../api/events";
import { serviceLink, servicesLink } from "./links";
import type { ResourceEntry, VersionEntry } from "../api/services";

export interface Sides {
  before: { fromMs: number; toMs: number };
  after: { fromMs: number; toMs: number };
  /** Both, with the moment in the middle when there is as much after as before. */
  whole: { fromMs: number; toMs: number };
}

const LEAST_MS = 5 * 60_000;
const MOST_MS = 60 * 60_000;

/** As long on both sides as time has passed since, between five minutes and an hour. */
export function sidesOf(atMs: number, nowMs: number): Sides {
  const length = Math.min(MOST_MS, Math.max(LEAST_MS, nowMs - atMs));
  const before = { fromMs: atMs - length, toMs: atMs };
  const after = { fromMs: atMs, toMs: atMs + length };
  return { before, after, whole: { fromMs: before.fromMs, toMs: after.toMs } };
}

export function serviceOf(event: EventEntry): string | undefined {
  return tagOf(event, "service");
}

export function tagOf(event: EventEntry, key: string): string | undefined {
  return event.tags?.find((tag) => tag.startsWith(`${key}:`))?.slice(key.length + 1);
}

/** To the two sides of an event: its service's page, or all services where it names none. */
export function compareLink(event: EventEntry, nowMs: number): string {
  const atMs = Math.round(event.date_happened * 1000);
  const service = serviceOf(event);
  const params = { deploy: String(atMs), env: tagOf(event, "env") };
  const { whole } = sidesOf(atMs, nowMs);
  return service ? serviceLink(service, params, whole) : servicesLink(params, whole);
}

const WORDS = /\b(deploy(ed|ment|ing)?|release[ds]?|roll(ed)? ?(out|back)|version)\b/i;

/** Whether an event tells of a new version: by its tags, else by the words of its title. */
export const isDeployment = (event: EventEntry) => tagOf(event, "version") !== undefined || WORDS.test(event.title);

/** Versions that were first seen within a span are deployments that nobody announced. */
export function versionEvents(
  versions: VersionEntry[],
  service: string,
  fromMs: number,
  toMs: number,
  announced: EventEntry[],
): EventEntry[] {
  return versions
    .filter(({ version, first_seen_ms: at }) => version !== "" && at > fromMs && at < toMs)
    .filter(({ version }) => !announced.some((event) => tagOf(event, "version") === version))
    .map(({ version, first_seen_ms }) => ({
      id: `version-${version}`,
      title: `${service} ${version} first seen`,
      date_happened: first_seen_ms / 1000,
      alert_type: "info",
      tags: [`service:${service}`, `version:${version}`],
    }));
}

export interface ResourceChange {
  resource: string;
  before: ResourceEntry | null;
  after: ResourceEntry | null;
  /** How much the change weighs: lost time and failed requests of those that are served now. */
  weight: number;
}

/** Resources by how much they got worse, judged by what they do now; those that went away come last. */
export function changesOf(before: ResourceEntry[], after: ResourceEntry[]): ResourceChange[] {
  const old = new Map(before.map((row) => [row.resource, row]));
  const now = new Set(after.map(({ resource }) => resource));
  const found = after.map((row): ResourceChange => {
    const was = old.get(row.resource) ?? null;
    return { resource: row.resource, before: was, after: row, weight: was ? weightOf(was, row) : 0 };
  });
  const gone = before
    .filter(({ resource }) => !now.has(resource))
    .map((row): ResourceChange => ({ resource: row.resource, before: row, after: null, weight: -1 }));
  return [...found.sort((a, b) => b.weight - a.weight || b.after!.hits - a.after!.hits), ...gone];
}

/** A failed request weighs as much as a second that somebody waited longer. */
const ERROR_WEIGHS_MS = 1_000;

function weightOf(before: ResourceEntry, after: ResourceEntry): number {
  const slower = Math.abs((after.p95_ms ?? 0) - (before.p95_ms ?? 0));
  const failing = Math.abs(after.error_rate - before.error_rate) * ERROR_WEIGHS_MS;
  return (slower + failing) * after.hits;
}
