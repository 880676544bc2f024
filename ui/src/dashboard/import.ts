/** Reads an exported dashboard: Datadog's own JSON, also inside `{"dashboard": …}` or with comments about it around. */
import { copyOf } from "./edit";
import type { Dashboard } from "./model";

export type Imported = { board: Dashboard } | { problem: string };

export function importOf(text: string): Imported {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `This is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  const inner = isObject(value) && isObject(value.dashboard) ? value.dashboard : value;
  if (!isObject(inner)) return { problem: "A dashboard is an object with a title and widgets." };
  if (!Array.isArray(inner.widgets))
    return { problem: "There is no list `widgets` in it: is it a dashboard's export?" };
  const broken = inner.widgets.findIndex((widget) => !isObject(widget) || !isObject(widget.definition));
  if (broken >= 0) return { problem: `widgets[${broken}] has no definition.` };
  const title = typeof inner.title === "string" && inner.title !== "" ? inner.title : "Imported";
  const layout_type = typeof inner.layout_type === "string" ? inner.layout_type : "ordered";
  return { board: copyOf({ ...inner, layout_type, widgets: inner.widgets } as Dashboard, title) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
