import { expect, test } from "vitest";
import { errorRateChart, filterOf, latencyChart, metricPart, normalTag, requestsByStatus } from "./metrics";

test.each([
  ["GET /cart", "get_/cart"],
  ["  SELECT * FROM Orders  ", "select___from_orders"],
  ["GET /api/items/{}", "get_/api/items/__"],
  ["größe", "größe"],
  ["x".repeat(300), "x".repeat(200)],
])("%s is the tag %s", (text, tag) => expect(normalTag(text)).toBe(tag));

test("filters name what is given, and odd values by a pattern", () => {
  expect(filterOf({})).toBe("*");
  expect(filterOf({ service: "my shop", env: "", version: "1.2" })).toBe("service:my*shop,version:1.2");
  expect(filterOf({ service: "web", resource: "GET /a" })).toBe("service:web,resource_name:get_/a");
});

test("web operations are counted by status, others by whether they failed", () => {
  const [web] = requestsByStatus("flask.request", "web", { service: "a" });
  expect(web.spec.queries[0]).toMatchObject({
    query: "sum:trace.flask.request.hits.by_http_status{service:a} by {http.status_class}.as_count()",
  });
  const [worker] = requestsByStatus("celery.run", "worker", { service: "a" });
  expect(worker.spec.formulas?.map(({ alias }) => alias)).toEqual(["ok", "failed"]);
  expect(worker.look.paint?.("failed", "light")).toBe(web.look.paint?.("5xx", "light"));
});

test("odd operations are written as their metrics are", () => {
  expect(metricPart("opentelemetry_http.server: x")).toBe("opentelemetry_http.server__x");
  expect(latencyChart("a b", {}, ["p95"])[0].spec.queries[0]).toMatchObject({ query: "p95:trace.a_b{*}" });
  expect(errorRateChart("a", {})[0].spec.formulas?.[0].formula).toBe("default_zero(e) / h * 100");
});
