import { expect, test } from "vitest";
import { ASSERTIONS, freshTest, headersText, readHeaders, testProblem, withSubtype } from "./form";

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
