/** Whatever needs a new uPlot when it changes: lines and their looks, unit, axis, theme. */
import type { Layer } from "./plot";
import type { ChartInput } from "./view";

export function shapeOf({ axis, bare, theme }: ChartInput, layers: Layer[]): string {
  const lines = layers.map(({ line, below }) => [
    line.key,
    line.colour,
    line.look.style,
    line.look.width,
    line.look.dash,
    line.unit?.name,
    line.band !== null,
    below?.line.key,
  ]);
  return JSON.stringify([lines, axis, bare, theme]);
}
