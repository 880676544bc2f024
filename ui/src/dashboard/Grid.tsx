import { lazy, Suspense } from "react";
import { useBoard } from "./context";
import type { Path } from "./edit";
import { bottomOf, placeAll, placeFree } from "./layout";
import type { Layout, Widget } from "./model";
import { WidgetFrame } from "./WidgetFrame";

const EditGrid = lazy(async () => ({ default: (await import("./EditGrid")).EditGrid }));

/** Paths are compared by identity in memoised widgets: one object a place. */
const paths = new Map<string, Path>();
export function pathOf(group: Path, index: number): Path {
  const key = [...group, index].join(".");
  const known = paths.get(key) ?? [...group, index];
  paths.set(key, known);
  return known;
}

const ROOT: Path = [];

export function Grid({ widgets, path = ROOT, free = false }: { widgets: Widget[]; path?: Path; free?: boolean }) {
  const { editing } = useBoard();
  const layouts = free ? placeFree(widgets) : placeAll(widgets);
  const still = <StillGrid widgets={widgets} layouts={layouts} path={path} />;
  if (!editing || free) return still;
  return (
    <Suspense fallback={still}>
      <EditGrid widgets={widgets} layouts={layouts} path={path} />
    </Suspense>
  );
}

function StillGrid({ widgets, layouts, path }: { widgets: Widget[]; layouts: Layout[]; path: Path }) {
  // A group shares out the height it was given; the page itself grows by rows.
  const rows = path.length > 0 ? { gridTemplateRows: `repeat(${bottomOf(layouts)}, minmax(0, 1fr))` } : undefined;
  return (
    <div className="grid" style={rows}>
      {widgets.map((widget, index) => {
        const { x, y, width, height } = layouts[index];
        const style = { gridColumn: `${x + 1} / span ${width}`, gridRow: `${y + 1} / span ${height}` };
        return (
          <div key={widget.id ?? index} className="cell" style={style}>
            <WidgetFrame widget={widget} path={pathOf(path, index)} />
          </div>
        );
      })}
    </div>
  );
}
