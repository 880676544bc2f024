/** Conditional formats: the first whose comparison holds gives the colours. */
import type { ConditionalFormat } from "./model";

export interface Paint {
  background?: string;
  colour?: string;
}

const PAINTS: Record<string, Paint> = {
  white_on_red: { background: "#c02b2b", colour: "#ffffff" },
  white_on_yellow: { background: "#9c6a00", colour: "#ffffff" },
  white_on_green: { background: "#147a41", colour: "#ffffff" },
  white_on_gray: { background: "#545f6e", colour: "#ffffff" },
  red_on_white: { colour: "var(--bad)" },
  yellow_on_white: { colour: "var(--warn)" },
  green_on_white: { colour: "var(--ok)" },
  gray_on_white: { colour: "var(--dim)" },
  black_on_light_red: { background: "var(--bad-soft)", colour: "var(--bad)" },
  black_on_light_yellow: { background: "var(--warn-soft)", colour: "var(--warn)" },
  black_on_light_green: { background: "var(--ok-soft)", colour: "var(--ok)" },
};

const HOLDS: Record<string, (value: number, limit: number) => boolean> = {
  "=": (value, limit) => value === limit,
  ">": (value, limit) => value > limit,
  ">=": (value, limit) => value >= limit,
  "<": (value, limit) => value < limit,
  "<=": (value, limit) => value <= limit,
};

const COLOUR = /^(#[0-9a-f]{3,8}|rgba?\([\d\s.,%]+\)|[a-z]+)$/i;
const safe = (colour: string | undefined) => (colour && COLOUR.test(colour) ? colour : undefined);

export function paintOf(value: number | null, formats: ConditionalFormat[]): Paint {
  if (value === null) return {};
  const format = formats.find(({ comparator, value: limit }) => HOLDS[comparator]?.(value, Number(limit)));
  if (!format) return {};
  if (format.palette === "custom_bg") return { background: safe(format.custom_bg_color), colour: "#ffffff" };
  if (format.palette === "custom_text") return { colour: safe(format.custom_fg_color) };
  return PAINTS[format.palette] ?? {};
}
