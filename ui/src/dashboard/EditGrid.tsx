import { useContext, useMemo } from "react";
import { GridLayout, useContainerWidth, type LayoutItem } from "react-grid-layout";
import "react-grid-layout/css/styles.css";
import type { Path } from "./edit";
import { pathOf } from "./Grid";
import { COLUMNS, GAP_PX, ROW_PX } from "./layout";
import type { Layout, Widget } from "./model";
import { MoveContext } from "./move";
import { WidgetFrame } from "./WidgetFrame";

/** The grid while it is edited: drag by the title, resize by the corner. */
export function EditGrid({ widgets, layouts, path }: { widgets: Widget[]; layouts: Layout[]; path: Path }) {
  const move = useContext(MoveContext);
  const { width, containerRef, mounted } = useContainerWidth();
  const items = useMemo(
    () => layouts.map(({ x, y, width: w, height: h }, index) => ({ i: String(index), x, y, w, h, minW: 2, minH: 1 })),
    [layouts],
  );
  const onChange = (next: readonly LayoutItem[]) => {
    const byIndex = new Map(next.map((item) => [item.i, item]));
    const moved = layouts.map((layout, index) => {
      const item = byIndex.get(String(index));
      return item ? { x: item.x, y: item.y, width: item.w, height: item.h } : layout;
    });
    if (JSON.stringify(moved) !== JSON.stringify(layouts)) move(path, moved);
  };
  return (
    <div ref={containerRef} className="edit-grid">
      {mounted && (
        <GridLayout
          width={width}
          layout={items}
          gridConfig={{ cols: COLUMNS, rowHeight: ROW_PX, margin: [GAP_PX, GAP_PX], containerPadding: [0, 0] }}
          dragConfig={{ handle: `.drag-${path.length + 1}`, cancel: "button" }}
          resizeConfig={{ handles: ["se", "e", "s"] }}
          onLayoutChange={onChange}
        >
          {widgets.map((widget, index) => (
            <div key={String(index)} className="cell">
              <WidgetFrame widget={widget} path={pathOf(path, index)} />
            </div>
          ))}
        </GridLayout>
      )}
    </div>
  );
}
