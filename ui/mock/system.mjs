/** The mock's system dashboard, and what builds widgets. */

export const chart = (title, q, more = {}, request = {}) => ({
  type: "timeseries",
  title,
  requests: [{ q, display_type: "line", ...request }],
  ...more,
});
export const at = (definition, x, y, width, height) => ({
  id: Math.floor(Math.random() * 1e9),
  definition,
  layout: { x, y, width, height },
});
export const host = [{ name: "host", prefix: "host", defaults: ["*"], available_values: [] }];

export const system = {
  id: "system",
  title: "System",
  description: "CPU, memory, disks and network of a host",
  layout_type: "ordered",
  is_read_only: true,
  template_variables: host,
  widgets: [
    at(
      {
        type: "query_value",
        title: "CPU",
        requests: [
          {
            q: "avg:system.cpu.user{$host}",
            aggregator: "last",
            conditional_formats: [
              { comparator: ">", value: 80, palette: "white_on_red" },
              { comparator: ">", value: 20, palette: "white_on_yellow" },
            ],
          },
        ],
        autoscale: true,
        precision: 1,
        timeseries_background: { type: "area" },
      },
      0,
      0,
      3,
      2,
    ),
    at(
      {
        type: "query_value",
        title: "Memory used",
        requests: [{ q: "avg:system.mem.used{$host}", aggregator: "last" }],
        autoscale: true,
        precision: 2,
        timeseries_background: { type: "bars" },
      },
      3,
      0,
      3,
      2,
    ),
    at(
      {
        type: "query_value",
        title: "Load",
        requests: [{ q: "avg:system.load.1{$host}", aggregator: "avg" }],
        autoscale: false,
        precision: 2,
        custom_unit: "procs",
      },
      6,
      0,
      3,
      2,
    ),
    at(
      {
        type: "query_value",
        title: "Disk in use",
        requests: [
          {
            queries: [{ data_source: "metrics", name: "a", query: "max:system.disk.in_use{$host}", aggregator: "max" }],
            formulas: [{ formula: "a" }],
            response_format: "scalar",
          },
        ],
        autoscale: true,
        precision: 0,
      },
      9,
      0,
      3,
      2,
    ),
    at(
      chart("CPU", "", {
        requests: ["user", "system", "iowait", "stolen"].map((part) => ({
          q: `avg:system.cpu.${part}{$host}`,
          display_type: "area",
        })),
        markers: [{ value: "y = 80", display_type: "error dashed", label: "too busy" }],
        yaxis: { max: "100" },
      }),
      0,
      2,
      6,
      3,
    ),
    at(
      chart("Load by host", "avg:system.load.1{*} by {host}", {
        show_legend: true,
        legend_columns: ["value", "avg", "max"],
        events: [{ q: "*" }],
      }),
      6,
      2,
      6,
      3,
    ),
    at(
      chart("Memory", "avg:system.mem.used{$host}", {
        requests: [
          {
            queries: [
              { data_source: "metrics", name: "used", query: "avg:system.mem.used{$host}" },
              { data_source: "metrics", name: "cached", query: "avg:system.mem.cached{$host}" },
            ],
            formulas: [
              { formula: "used", alias: "used" },
              { formula: "cached", alias: "cached" },
            ],
            response_format: "timeseries",
            display_type: "area",
          },
        ],
      }),
      0,
      5,
      4,
      3,
    ),
    at(
      chart("Disk in use", "avg:system.disk.in_use{$host} by {device}", { yaxis: { include_zero: false } }),
      4,
      5,
      4,
      3,
    ),
    at(
      chart("Network", "avg:system.net.bytes_rcvd{$host} by {interface}", {
        requests: [
          { q: "avg:system.net.bytes_rcvd{$host}", display_type: "line" },
          { q: "-avg:system.net.bytes_sent{$host}", display_type: "line", style: { line_type: "dashed" } },
        ],
      }),
      8,
      5,
      4,
      3,
    ),
    at(
      {
        type: "toplist",
        title: "Busiest hosts",
        requests: [
          {
            q: "top(avg:system.cpu.user{*} by {host}, 8, 'mean', 'desc')",
            conditional_formats: [{ comparator: ">", value: 28, palette: "white_on_red" }],
          },
        ],
      },
      0,
      8,
      4,
      3,
    ),
    at(
      {
        type: "query_table",
        title: "Hosts",
        requests: [
          {
            q: "avg:system.cpu.user{*} by {host}",
            alias: "cpu",
            aggregator: "avg",
            cell_display_mode: ["bar"],
            limit: 20,
            order: "desc",
          },
          { q: "avg:system.mem.used{*} by {host}", alias: "memory", aggregator: "avg" },
          {
            q: "avg:system.load.1{*} by {host}",
            alias: "load",
            aggregator: "max",
            conditional_formats: [{ comparator: ">", value: 2, palette: "red_on_white" }],
          },
        ],
      },
      4,
      8,
      8,
      3,
    ),
  ],
};
