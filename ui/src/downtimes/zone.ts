/** Wall-clock times of any time zone, as `datetime-local` fields have them: `2026-11-20T22:00`. */

export const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** All that the browser knows, the reader's own and UTC first. */
export function zones(): string[] {
  const known = Intl.supportedValuesOf("timeZone");
  return [...new Set([OWN_ZONE, "UTC", ...known])];
}

/** The wall clock of a zone at an instant. */
export function localText(ms: number, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  }).formatToParts(ms);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? "00";
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

/** The instant at which a zone's wall clock says so; in the hour that a clock leaves out, the one after it. */
export function instantOf(text: string, zone: string): number | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute] = match.map(Number);
  const wanted = Date.UTC(year, month - 1, day, hour, minute);
  let at = wanted;
  // Offsets change at most twice around an instant: the second round settles it.
  for (let round = 0; round < 3; round++) {
    const shown = Date.parse(`${localText(at, zone)}:00Z`);
    if (shown === wanted) return at;
    at += wanted - shown;
  }
  return at;
}

/** The wall clock some time from now. */
export const afterNow = (ms: number, zone: string) => localText(Date.now() + ms, zone);

/** `Sat, Nov 21, 22:00` in a zone. */
export function instantText(ms: number, zone: string): string {
  return new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    weekday: "short",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(ms);
}
