import { expect, test } from "vitest";
import { scopeOf } from "./scope";

const line = (query: string, group: [string, string][] = []) => ({ query, group });

test("a metric's tags that rows have too become a search", () => {
  expect(
    scopeOf(line("avg:system.cpu.user{env:prod,device:sda,!host:db-1} by {service}", [["service", "web"]])),
  ).toEqual({
    logs: "service:web env:prod -host:db-1",
    spans: "service:web env:prod -host:db-1",
    service: "web",
    host: null,
  });
});

test("trace metrics lead to their spans", () => {
  const { spans, logs } = scopeOf(
    line("sum:trace.http.request.errors{service:web} by {resource_name}.as_count()", [["resource_name", "GET /a"]]),
  );
  expect(spans).toBe('service:web operation_name:http.request resource_name:"GET /a" status:error');
  expect(logs).toBe("service:web");
});

test("rows lead to themselves, whatever they are grouped by", () => {
  const rows = { signal: "logs" as const, query: "timeout" };
  expect(scopeOf({ ...line("", [["@usr.id", "u 1"]]), rows }).logs).toBe('timeout @usr.id:"u 1"');
});

test("a status that only logs have is no search for spans", () => {
  const rows = { signal: "logs" as const, query: "*" };
  expect(scopeOf({ ...line("", [["status", "info"]]), rows })).toMatchObject({ logs: "status:info", spans: "" });
});

test("variables and wildcards say nothing", () => {
  expect(scopeOf(line("avg:a{service:web*,$host}")).logs).toBe("");
});
