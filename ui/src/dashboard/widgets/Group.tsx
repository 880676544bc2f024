import { Grid } from "../Grid";
import type { Path } from "../edit";
import type { Widget } from "../model";

/** A group is a grid in the grid; its own title bar is the frame's. */
export function GroupWidget({ widget, path }: { widget: Widget; path: Path }) {
  const widgets = widget.definition.widgets ?? [];
  if (widgets.length === 0) return <p className="chart-state dim">This group is empty.</p>;
  return <Grid widgets={widgets} path={path} />;
}
