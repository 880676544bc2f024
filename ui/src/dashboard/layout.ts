/** Where widgets stand on the 12-column grid, also when a dashboard says nothing about it. */
import type { Dashboard, Layout, Widget } from "./model";

export const COLUMNS = 12;
export const ROW_PX = 76;
export const GAP_PX = 8;

const SIZES: Record<string, { width: number; height: number }> = {
  query_value: { width: 3, height: 2 },
  toplist: { width: 4, height: 3 },
  note: { width: 4, height: 3 },
  free_text: { width: 4, height: 1 },
  check_status: { width: 3, height: 2 },
  alert_value: { width: 3, height: 2 },
  manage_status: { width: 6, height: 4 },
  slo: { width: 4, height: 3 },
};
const USUAL = { width: 6, height: 3 };

/** Rows that a group needs: one for its title, and what its widgets take. */
function groupHeight(widgets: Widget[]): number {
  return 1 + bottomOf(placeAll(widgets));
}

function sizeOf({ definition }: Widget): { width: number; height: number } {
  if (definition.type === "group") return { width: COLUMNS, height: groupHeight(definition.widgets ?? []) };
  return SIZES[definition.type] ?? USUAL;
}

export function bottomOf(layouts: Layout[]): number {
  return layouts.reduce((most, { y, height }) => Math.max(most, y + height), 0);
}

const isPlaced = ({ layout }: Widget) => layout !== undefined && layout.width > 0 && layout.height > 0;

/** Layouts as they are where they say something; the others follow below, side by side in reading order. */
export function placeAll(widgets: Widget[]): Layout[] {
  const placed = widgets.filter(isPlaced).map((widget) => fit(widget));
  const cursor = { x: 0, y: bottomOf(placed), height: 0 };
  return widgets.map((widget) => {
    if (isPlaced(widget)) return fit(widget);
    const { width, height } = sizeOf(widget);
    if (cursor.x + width > COLUMNS) Object.assign(cursor, { x: 0, y: cursor.y + cursor.height, height: 0 });
    const layout = { x: cursor.x, y: cursor.y, width, height };
    cursor.x += width;
    cursor.height = Math.max(cursor.height, height);
    return layout;
  });
}

function fit({ definition, layout }: Widget): Layout {
  const { x, y, width, height } = layout!;
  const wide = Math.min(width, COLUMNS);
  const tall = definition.type === "group" ? Math.max(height, groupHeight(definition.widgets ?? [])) : height;
  return { x: Math.min(Math.max(0, x), COLUMNS - wide), y: Math.max(0, y), width: wide, height: tall };
}

/** Free layouts count in pixels-like cells of a wide board; scaled to 12 columns they keep their order. */
export function isFree(dashboard: Dashboard): boolean {
  return dashboard.layout_type === "free";
}

const FREE_COLUMNS = 120;
const FREE_ROW = 10;

export function placeFree(widgets: Widget[]): Layout[] {
  const widest = Math.max(FREE_COLUMNS, ...widgets.map(({ layout }) => (layout ? layout.x + layout.width : 0)));
  const scale = COLUMNS / widest;
  const rough = widgets.map(({ layout, definition }) => {
    if (!layout || layout.width === 0) return { x: 0, y: 1e6, ...(SIZES[definition.type] ?? USUAL) };
    const width = Math.max(2, Math.round(layout.width * scale));
    const x = Math.min(COLUMNS - width, Math.round(layout.x * scale));
    return { x, y: Math.round(layout.y / FREE_ROW), width, height: Math.max(1, Math.round(layout.height / FREE_ROW)) };
  });
  return compact(rough);
}

/** Boxes fall up until they touch another; none overlaps. */
export function compact(layouts: Layout[]): Layout[] {
  const order = layouts
    .map((_, index) => index)
    .sort((a, b) => layouts[a].y - layouts[b].y || layouts[a].x - layouts[b].x);
  const done: Layout[] = [];
  const result = [...layouts];
  for (const index of order) {
    const box = { ...layouts[index], y: 0 };
    while (done.some((other) => overlaps(box, other))) box.y += 1;
    done.push(box);
    result[index] = box;
  }
  return result;
}

/** The first place for a box beside the last widgets, or below them. */
export function roomFor({ width, height }: Layout, taken: Layout[]): Layout {
  const lastRow = taken.reduce((most, { y }) => Math.max(most, y), 0);
  for (let y = lastRow; y < bottomOf(taken); y++) {
    for (let x = 0; x + width <= COLUMNS; x++) {
      const box = { x, y, width, height };
      if (!taken.some((other) => overlaps(box, other))) return box;
    }
  }
  return { x: 0, y: bottomOf(taken), width, height };
}

function overlaps(a: Layout, b: Layout): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
