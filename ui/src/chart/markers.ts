/** Marker values as Datadog writes them: `y = 15`, `y > 80`, `0 < y < 10`. */
import type { Marker } from "../dashboard/model";

export interface Mark {
  low: number;
  high: number;
  line: boolean;
  tone: "bad" | "warn" | "ok" | "info";
  dash: boolean;
  bold: boolean;
  label: string;
}

const NUMBER = "(-?\\d+(?:\\.\\d+)?(?:e-?\\d+)?)";
const BETWEEN = new RegExp(`^${NUMBER}\\s*<=?\\s*y\\s*<=?\\s*${NUMBER}$`, "i");
const ONE_SIDE = new RegExp(`^y\\s*(=|==|<=?|>=?)\\s*${NUMBER}$`, "i");

export function parseMarker(marker: Marker): Mark | null {
  const text = marker.value.trim();
  const words = (marker.display_type ?? "error dashed").split(/\s+/);
  const tone = words.includes("error")
    ? "bad"
    : words.includes("warning")
      ? "warn"
      : words.includes("ok")
        ? "ok"
        : "info";
  const look = {
    tone,
    dash: words.includes("dashed"),
    bold: words.includes("bold"),
    label: marker.label?.trim() ?? "",
  } as const;
  const between = BETWEEN.exec(text);
  if (between) return { ...look, low: Number(between[1]), high: Number(between[2]), line: false };
  const side = ONE_SIDE.exec(text);
  if (!side) return null;
  const value = Number(side[2]);
  if (side[1].startsWith("=")) return { ...look, low: value, high: value, line: true };
  return side[1].startsWith(">")
    ? { ...look, low: value, high: Infinity, line: false }
    : { ...look, low: -Infinity, high: value, line: false };
}
