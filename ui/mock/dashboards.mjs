/** Dashboards of the mock, kept in memory. */
import { readFileSync } from "node:fs";
import { rowsBoard } from "./rows-board.mjs";
import { at, chart, host, system } from "./system.mjs";

const postgres = {
  id: "postgres",
  title: "PostgreSQL",
  description: "Connections, transactions, tables",
  layout_type: "ordered",
  is_read_only: true,
  template_variables: [...host, { name: "db", prefix: "db", defaults: ["*"] }],
  widgets: [
    at(
      chart("Tables, with the expected range", "anomalies(sum:postgresql.table_count{$host,$db}, 'basic', 5)"),
      0,
      0,
      6,
      3,
    ),
    at(
      chart("Commits", "sum:postgresql.commits{$host,$db} by {db}.as_rate()", {}, { display_type: "bars" }),
      6,
      0,
      6,
      3,
    ),
    at(
      {
        type: "group",
        title: "Connections",
        layout_type: "ordered",
        background_color: "vivid_blue",
        widgets: [
          at(chart("By database", "avg:postgresql.connections{$host,$db} by {db}"), 0, 0, 6, 3),
          at({ type: "hostmap", title: "Hosts", requests: { fill: { q: "avg:system.cpu.user{*}" } } }, 6, 0, 3, 3),
          at(
            {
              type: "note",
              content:
                "### Reading this\nConnections near **max_connections** are refused.\n\n- see `pg_stat_activity`\n- [manual](https://www.postgresql.org/docs/)",
              background_color: "yellow",
            },
            9,
            0,
            3,
            3,
          ),
        ],
      },
      0,
      3,
      12,
      4,
    ),
  ],
};

const oriel = {
  id: "oriel",
  title: "Oriel itself",
  description: "What the server does",
  layout_type: "ordered",
  is_read_only: true,
  template_variables: [],
  widgets: [
    at(chart("Samples taken", "sum:oriel.intake.samples{*}.as_rate()", {}, { display_type: "bars" }), 0, 0, 6, 3),
    at(chart("WAL commit", "avg:oriel.wal.commit{*}"), 6, 0, 6, 3),
    at(chart("Errors by the hour", "sum:http.errors{*}.rollup(sum, 3600)", {}, { display_type: "bars" }), 0, 3, 6, 3),
    at(chart("An error", "avg:system.cpu.user{*"), 6, 3, 6, 3),
    at(chart("No such metric", "avg:nobody.sends.this{*}"), 0, 6, 6, 3),
  ],
};

const shop = {
  id: "shop",
  title: "The shop's services",
  description: "A service and the map around it",
  layout_type: "ordered",
  is_read_only: false,
  template_variables: [{ name: "env", prefix: "env", defaults: ["prod"] }],
  widgets: [
    at(
      {
        type: "trace_service",
        title: "Checkout",
        service: "checkout",
        env: "$env",
        span_name: "fastapi.request",
        show_hits: true,
        show_errors: true,
        show_latency: true,
        show_breakdown: true,
        show_resource_list: true,
      },
      0,
      0,
      6,
      6,
    ),
    at({ type: "servicemap", title: "Around payments", service: "payments", filters: ["$env"] }, 6, 0, 6, 6),
    at(chart("Payments", "p95:trace.express.request{service:payments}"), 0, 6, 6, 3),
    at(chart("Errors of payments", "sum:trace.express.request.errors{service:payments}.as_count()"), 6, 6, 6, 3),
  ],
};

const acceptance = {
  ...JSON.parse(readFileSync(new URL("../../tests/acceptance/dashboard.json", import.meta.url), "utf8")),
  id: "abc-def-ghi",
};

const kept = new Map([system, postgres, oriel, rowsBoard, shop, acceptance].map((board) => [board.id, board]));
const missing = (id) => ({ status: 404, body: { errors: [`no dashboard ${id}`] } });

export const dashboards = {
  list: () => ({
    dashboards: [...kept.values()].map(({ id, title, description, layout_type, is_read_only }) => ({
      id,
      title,
      description,
      layout_type,
      is_read_only: is_read_only ?? false,
      author_handle: "admin",
      created_at: "2026-11-18T10:00:00Z",
      modified_at: new Date(Date.now() - 7_200_000).toISOString(),
      url: `/dashboard/${id}`,
    })),
  }),
  read: (id) => kept.get(id) ?? missing(id),
  create(body) {
    const id =
      Math.random().toString(36).slice(2, 5) +
      "-" +
      Math.random().toString(36).slice(2, 5) +
      "-" +
      Math.random().toString(36).slice(2, 5);
    kept.set(id, { ...body, id, is_read_only: false });
    return kept.get(id);
  },
  write(id, body) {
    if (!kept.has(id)) return missing(id);
    if (kept.get(id).is_read_only) return { status: 403, body: { errors: [`dashboard ${id} is built in; clone it`] } };
    kept.set(id, { ...body, id });
    return kept.get(id);
  },
  remove(id) {
    kept.delete(id);
    return { deleted_dashboard_id: id };
  },
};
