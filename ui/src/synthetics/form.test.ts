import { expect, test } from "vitest";
import type { Assertion } from "../api/synthetics";
import { ASSERTIONS, flagOf, freshTest, headersText, readHeaders, testProblem, withFlag, withSubtype } from "./form";

test("a fresh test of each type is complete but for its name and target", () => {
  for (const subtype of ["http", "tcp", "ssl"] as const) {
    const made = freshTest(subtype);
    expect(testProblem(made)).not.toBe(null);
    const request = subtype === "http" ? { url: "https://shop.example/" } : { host: "shop.example", port: 443 };
    const ready = { ...made, name: "Shop", config: { ...made.config, request } };
    expect(testProblem(ready)).toBe(null);
    const known = ASSERTIONS[subtype].map(({ type }) => type);
    expect(made.config.assertions.every(({ type }) => known.includes(type))).toBe(true);
  }
});

test("another type keeps the host and the words", () => {
  const http = { ...freshTest("http"), name: "Shop", message: "@slack-ops" };
  http.config.request.url = "https://shop.example/cart?a=1";
  const tls = withSubtype(http, "ssl");
  expect(tls).toMatchObject({ name: "Shop", message: "@slack-ops", subtype: "ssl" });
  expect(tls.config.request).toMatchObject({ host: "shop.example", port: 443 });
  expect(withSubtype(tls, "http").config.request.url).toBe("https://shop.example/");
});

test("headers as lines", () => {
  expect(readHeaders("X-Team: shop\nno header\nAccept: a:b")).toEqual({ "X-Team": "shop", Accept: "a:b" });
  expect(headersText({ "X-Team": "shop", Accept: "a:b" })).toBe("X-Team: shop\nAccept: a:b");
});

test("a condition needs its value, unless it is one of absence", () => {
  const asserting = (assertion: Assertion) => {
    const made = freshTest("http");
    return testProblem({
      ...made,
      name: "Shop",
      config: { request: { url: "https://shop.example/" }, assertions: [assertion] },
    });
  };
  const json = (part: object) =>
    asserting({
      type: "body",
      operator: "validatesJSONPath",
      target: { jsonPath: "$.status", operator: "is", targetValue: "ok", ...part },
    });
  expect(json({})).toBe(null);
  expect(json({ targetValue: 0 })).toBe(null);
  expect(json({ targetValue: "" })).not.toBe(null);
  expect(json({ jsonPath: " " })).not.toBe(null);
  expect(json({ operator: "isUndefined", targetValue: "" })).toBe(null);
  expect(asserting({ type: "header", property: "x", operator: "doesNotExist", target: "" })).toBe(null);
  expect(asserting({ type: "body", operator: "contains", target: "" })).not.toBe(null);
});

test("a flag is read and set in the place that counts", () => {
  const made = freshTest("http");
  made.options.follow_redirects = true;
  const changed = { ...made, ...withFlag(made, "follow_redirects", false) };
  expect([flagOf(made, "follow_redirects"), flagOf(changed, "follow_redirects")]).toEqual([true, false]);
  expect(changed.options).toEqual({ tick_every: 60, retry: { count: 1, interval: 300 } });
});
