/**
 * Line colours. The default set keeps neighbours apart in lightness and in the blue-yellow direction, which all common
 * forms of colour blindness keep; each theme has its own set with a contrast of at least 3 to the panel.
 */

export type ThemeName = "light" | "dark";

const CLASSIC: Record<ThemeName, string[]> = {
  light: [
    "#2a6fdb",
    "#d06a00",
    "#0f8a6d",
    "#b0429f",
    "#9a7a00",
    "#5b4fc4",
    "#c43d3d",
    "#2b88a8",
    "#6f7f00",
    "#8a5a2b",
    "#d1479b",
    "#546377",
  ],
  dark: [
    "#5fa5ff",
    "#f59c3d",
    "#3fcf9f",
    "#e07ad0",
    "#eed35a",
    "#a597ff",
    "#ff7d6e",
    "#5fd0ee",
    "#b7d052",
    "#d3a27a",
    "#ff9ccf",
    "#a5b3c5",
  ],
};

/** Ends of the ramps for Datadog's one-hue palettes. */
const RAMPS: Record<string, Record<ThemeName, [string, string]>> = {
  cool: { light: ["#0f8a6d", "#5b4fc4"], dark: ["#3fcf9f", "#a597ff"] },
  warm: { light: ["#9a7a00", "#c43d3d"], dark: ["#eed35a", "#ff7d6e"] },
  purple: { light: ["#4b3fb0", "#a672d8"], dark: ["#8d7bff", "#dcc4ff"] },
  orange: { light: ["#a34d00", "#e08a2e"], dark: ["#ff8c2e", "#ffd29c"] },
  gray: { light: ["#3d4a5c", "#8a96a6"], dark: ["#7f8c9d", "#d4dce6"] },
  grey: { light: ["#3d4a5c", "#8a96a6"], dark: ["#7f8c9d", "#d4dce6"] },
  blue: { light: ["#1a4fa8", "#5b9bea"], dark: ["#4a90ff", "#b9d7ff"] },
  green: { light: ["#0b6b3f", "#4fa870"], dark: ["#35c27a", "#b9eccd"] },
  red: { light: ["#a61f1f", "#e0706a"], dark: ["#ff6259", "#ffc2bd"] },
  yellow: { light: ["#806500", "#b59a2a"], dark: ["#e8c93a", "#fbedb0"] },
};

export const ALERT: Record<ThemeName, string> = { light: "#c02b2b", dark: "#ff7b72" };

export function colours(palette: string | undefined, theme: ThemeName, count: number): string[] {
  const ramp = palette === undefined ? undefined : RAMPS[palette.toLowerCase()];
  if (!ramp) {
    const set = CLASSIC[theme];
    return Array.from({ length: count }, (_, index) => set[index % set.length]);
  }
  const [from, to] = ramp[theme];
  return Array.from({ length: count }, (_, index) => mix(from, to, count > 1 ? index / (count - 1) : 0));
}

function mix(from: string, to: string, share: number): string {
  const part = (at: number) => {
    const low = parseInt(from.slice(at, at + 2), 16);
    const high = parseInt(to.slice(at, at + 2), 16);
    return Math.round(low + (high - low) * share)
      .toString(16)
      .padStart(2, "0");
  };
  return `#${part(1)}${part(3)}${part(5)}`;
}

export function fade(colour: string, alpha: number): string {
  return `${colour}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, "0")}`;
}
