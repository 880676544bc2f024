/** Pipelines that the mock starts with. */

const on = { is_enabled: true };
export const PIPELINES = [
  {
    id: "p1",
    name: "nginx access",
    ...on,
    filter: { query: "source:nginx" },
    processors: [
      {
        type: "grok-parser",
        name: "Access line",
        ...on,
        source: "message",
        samples: [],
        grok: {
          match_rules:
            'access %{ip:network.client.ip} - %{notSpace:usr.id} \\[%{date("dd/MMM/yyyy:HH:mm:ss Z"):date}\\] "%{word:http.method} %{notSpace:http.url} HTTP/%{number:http.version}" %{integer:http.status_code} %{integer:network.bytes_written}',
          support_rules: "",
        },
      },
      { type: "url-parser", name: "Address", ...on, sources: ["http.url"], target: "http.url_details" },
      { type: "date-remapper", name: "Its time", ...on, sources: ["date"] },
      {
        type: "category-processor",
        name: "Status class",
        ...on,
        target: "http.status_class",
        categories: [
          { name: "ok", filter: { query: "@http.status_code:[200 TO 299]" } },
          { name: "error", filter: { query: "@http.status_code:[500 TO 599]" } },
        ],
      },
      {
        type: "user-agent-parser",
        name: "Browser",
        is_enabled: false,
        sources: ["http.useragent"],
        target: "http.useragent_details",
      },
    ],
  },
  {
    id: "p2",
    name: "Payments: level and trace",
    ...on,
    filter: { query: "service:payments" },
    processors: [
      { type: "status-remapper", name: "Level", ...on, sources: ["level"] },
      { type: "trace-id-remapper", name: "Trace", ...on, sources: ["dd.trace_id"] },
    ],
  },
  { id: "p3", name: "Old mailer format", is_enabled: false, filter: { query: "service:mailer" }, processors: [] },
];
