/** Statuses of logs, spans and events: their order, their tone, and their colour in charts. */
import type { ThemeName } from "../chart/palette";

export type Tone = "bad" | "warn" | "info" | "ok" | "quiet";

const ORDER = [
  "emergency",
  "alert",
  "critical",
  "error",
  "warn",
  "warning",
  "notice",
  "info",
  "success",
  "ok",
  "debug",
];

const TONES: Record<string, Tone> = {
  emergency: "bad",
  alert: "bad",
  critical: "bad",
  error: "bad",
  warn: "warn",
  warning: "warn",
  notice: "info",
  info: "info",
  success: "ok",
  ok: "ok",
};

const COLOURS: Record<ThemeName, Record<string, string>> = {
  light: {
    emergency: "#7d1128",
    alert: "#951a2c",
    critical: "#a81f2a",
    error: "#d0453f",
    warn: "#d9972b",
    warning: "#d9972b",
    notice: "#4f7fd0",
    info: "#7ba4e0",
    success: "#4fa870",
    ok: "#4fa870",
    debug: "#a9b3c1",
  },
  dark: {
    emergency: "#ff3d6e",
    alert: "#ff4f66",
    critical: "#ff5a5f",
    error: "#f2685f",
    warn: "#e6b04a",
    warning: "#e6b04a",
    notice: "#5f8fe0",
    info: "#4a6fae",
    success: "#3fa56e",
    ok: "#3fa56e",
    debug: "#566172",
  },
};

export const toneOf = (status: string | undefined): Tone => TONES[status?.toLowerCase() ?? ""] ?? "quiet";

/** The worst first; words that nobody knows come last. */
export function severity(status: string): number {
  const index = ORDER.indexOf(status.toLowerCase());
  return index < 0 ? ORDER.length : index;
}

export function statusColour(status: string, theme: ThemeName): string | undefined {
  return COLOURS[theme][status.toLowerCase()];
}
