/** Changes to a dashboard's JSON. Each returns new objects along the way and leaves every other field as it was. */
import { bottomOf, placeAll, roomFor } from "./layout";
import type { Dashboard, Definition, Layout, Widget } from "./model";

/** Where a widget is: `[3]`, or `[3, 1]` for the second widget of the group at 3. */
export type Path = number[];

export function widgetAt(dashboard: Dashboard, path: Path): Widget | null {
  let widgets: Widget[] | undefined = dashboard.widgets;
  let found: Widget | undefined;
  for (const index of path) {
    found = widgets?.[index];
    widgets = found?.definition.widgets;
  }
  return found ?? null;
}

type Change = (widgets: Widget[]) => Widget[];

/** Changes the list of widgets that the path's group holds; an empty path means the dashboard's own. */
export function changeList(dashboard: Dashboard, group: Path, change: Change): Dashboard {
  return { ...dashboard, widgets: within(dashboard.widgets, group, change) };
}

function within(widgets: Widget[], group: Path, change: Change): Widget[] {
  if (group.length === 0) return change(widgets);
  const [at, ...rest] = group;
  return widgets.map((widget, index) => {
    if (index !== at) return widget;
    const inner = within(widget.definition.widgets ?? [], rest, change);
    return { ...widget, definition: { ...widget.definition, widgets: inner } };
  });
}

export function replaceWidget(dashboard: Dashboard, path: Path, widget: Widget): Dashboard {
  const index = path[path.length - 1];
  return changeList(dashboard, path.slice(0, -1), (widgets) => widgets.map((old, at) => (at === index ? widget : old)));
}

export function removeWidget(dashboard: Dashboard, path: Path): Dashboard {
  const index = path[path.length - 1];
  return changeList(dashboard, path.slice(0, -1), (widgets) => widgets.filter((_, at) => at !== index));
}

export function addWidget(dashboard: Dashboard, definition: Definition, layout?: Layout): Dashboard {
  const placed = changeList(dashboard, [], settle);
  const [box] = placeAll([{ definition }]);
  const free =
    layout ??
    roomFor(
      box,
      placed.widgets.map((widget) => widget.layout!),
    );
  return changeList(placed, [], (widgets) => [...widgets, { definition, layout: free }]);
}

/** A copy goes below the last widget; it is a new one, so it has no id. */
export function duplicateWidget(dashboard: Dashboard, path: Path): Dashboard {
  const widget = widgetAt(dashboard, path);
  if (!widget) return dashboard;
  return changeList(dashboard, path.slice(0, -1), (widgets) => {
    const settled = settle(widgets);
    const box = settled[path[path.length - 1]].layout!;
    const { id: _id, ...rest } = structuredClone(widget);
    return [...settled, { ...rest, layout: { ...box, y: bottomOf(settled.map(({ layout }) => layout!)) } } as Widget];
  });
}

export function moveWidgets(dashboard: Dashboard, group: Path, layouts: Layout[]): Dashboard {
  return changeList(dashboard, group, (widgets) =>
    widgets.map((widget, index) => ({ ...widget, layout: { ...widget.layout, ...layouts[index] } })),
  );
}

/** Gives every widget the layout that it is shown with. */
function settle(widgets: Widget[]): Widget[] {
  const layouts = placeAll(widgets);
  return widgets.map((widget, index) => ({ ...widget, layout: { ...widget.layout, ...layouts[index] } }));
}

/** A copy that the server stores as a new dashboard. */
export function copyOf(dashboard: Dashboard, title: string): Dashboard {
  const {
    id: _id,
    url: _url,
    author_handle: _author,
    created_at: _created,
    modified_at: _modified,
    ...rest
  } = dashboard;
  return { ...(rest as Dashboard), title, is_read_only: false };
}
