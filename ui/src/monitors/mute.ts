/** For how long a monitor may be muted with one click. */

const HOUR = 3_600_000;

export interface MuteChoice {
  label: string;
  /** Null: until somebody unmutes it. */
  ms: number | null;
}

export const MUTES: MuteChoice[] = [
  { label: "1 hour", ms: HOUR },
  { label: "4 hours", ms: 4 * HOUR },
  { label: "1 day", ms: 24 * HOUR },
  { label: "Until I unmute", ms: null },
];

/** Whole minutes: an end in the middle of an evaluation helps nobody. */
export const untilOf = ({ ms }: MuteChoice, nowMs = Date.now()): number | undefined =>
  ms === null ? undefined : Math.ceil((nowMs + ms) / 60_000) * 60_000;
