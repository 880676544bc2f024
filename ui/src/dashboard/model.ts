/**
 * A Datadog v1 dashboard as far as the pages read it. Every object may hold fields that are not named here; they are
 * carried along untouched, so that a round trip through the editor loses nothing.
 */

export interface Layout {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface ConditionalFormat {
  comparator: string;
  value: number;
  palette: string;
  custom_bg_color?: string;
  custom_fg_color?: string;
}

export interface WidgetQuery {
  data_source?: string;
  name: string;
  query?: string;
  aggregator?: string;
  [extra: string]: unknown;
}

export interface WidgetFormula {
  formula: string;
  alias?: string;
  limit?: { count?: number; order?: "asc" | "desc" };
  conditional_formats?: ConditionalFormat[];
  cell_display_mode?: string;
  style?: { palette?: string; palette_index?: number };
  number_format?: { unit?: { type?: string; unit_name?: string; label?: string } };
  [extra: string]: unknown;
}

export interface RequestStyle {
  palette?: string;
  line_type?: "solid" | "dashed" | "dotted";
  line_width?: "normal" | "thick" | "thin";
  [extra: string]: unknown;
}

export interface WidgetRequest {
  q?: string;
  queries?: WidgetQuery[];
  formulas?: WidgetFormula[];
  response_format?: string;
  display_type?: "line" | "area" | "bars" | "overlay";
  style?: RequestStyle;
  metadata?: { expression: string; alias_name?: string }[];
  aggregator?: string;
  alias?: string;
  limit?: number;
  order?: "asc" | "desc";
  conditional_formats?: ConditionalFormat[];
  cell_display_mode?: string | string[];
  [extra: string]: unknown;
}

export interface YAxis {
  scale?: string;
  min?: string;
  max?: string;
  include_zero?: boolean;
  label?: string;
}

export interface Marker {
  value: string;
  display_type?: string;
  label?: string;
}

export interface Definition {
  type: string;
  title?: string;
  requests?: WidgetRequest[];
  yaxis?: YAxis;
  markers?: Marker[];
  show_legend?: boolean;
  legend_layout?: string;
  legend_columns?: string[];
  widgets?: Widget[];
  content?: string;
  background_color?: string;
  font_size?: string;
  text_align?: string;
  autoscale?: boolean;
  precision?: number;
  custom_unit?: string;
  timeseries_background?: { type?: "area" | "bars"; yaxis?: YAxis };
  style?: Record<string, unknown>;
  time?: { live_span?: string };
  [extra: string]: unknown;
}

export interface Widget {
  id?: number;
  definition: Definition;
  layout?: Layout;
  [extra: string]: unknown;
}

export interface TemplateVariable {
  name: string;
  prefix?: string | null;
  default?: string | null;
  defaults?: string[];
  available_values?: string[] | null;
  [extra: string]: unknown;
}

export interface Dashboard {
  id?: string;
  title: string;
  description?: string | null;
  layout_type: string;
  is_read_only?: boolean;
  widgets: Widget[];
  template_variables?: TemplateVariable[] | null;
  [extra: string]: unknown;
}

export const DRAWN = new Set([
  "timeseries",
  "query_value",
  "toplist",
  "query_table",
  "note",
  "group",
  "free_text",
  "log_stream",
  "list_stream",
  "event_stream",
  "event_timeline",
  "trace_service",
  "servicemap",
  "alert_graph",
  "alert_value",
  "manage_status",
  "check_status",
  "slo",
  "slo_list",
]);

/** Types of the widgets that are kept and named in their place, with how often each occurs. */
export function notDrawn(widgets: Widget[], found = new Map<string, number>()): Map<string, number> {
  for (const { definition } of widgets) {
    if (!DRAWN.has(definition.type)) found.set(definition.type, (found.get(definition.type) ?? 0) + 1);
    if (definition.widgets) notDrawn(definition.widgets, found);
  }
  return found;
}
