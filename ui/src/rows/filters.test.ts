import { expect, test } from "vitest";
import { chosen, clear, exclude, filterBy, groupQuery, pieces, quote, rangeOf, toggle, withRange } from "./filters";

test("pieces keep quotes, brackets and escapes whole", () => {
  expect(pieces('service:web "two words" @a:[1 TO 2] (x OR y) a\\ b')).toEqual([
    "service:web",
    '"two words"',
    "@a:[1 TO 2]",
    "(x OR y)",
    "a\\ b",
  ]);
});

test("values that the grammar would read otherwise are quoted", () => {
  expect(["web-1", "GET /a", 'a"b', "x*", "-1", "OR", "a:b", 200, true].map(quote)).toEqual([
    "web-1",
    '"GET /a"',
    '"a\\"b"',
    '"x*"',
    '"-1"',
    '"OR"',
    '"a:b"',
    "200",
    "true",
  ]);
});

test("ticks of one facet are alternatives, and the last one gone takes the term along", () => {
  const one = toggle("error", "service", "web");
  const two = toggle(one, "service", "api gw");
  expect([one, two]).toEqual(["error service:web", 'error service:(web OR "api gw")']);
  expect(toggle(toggle(two, "service", "web"), "service", "api gw")).toBe("error");
});

test("filtering by a value replaces the field's terms, excluding adds to what is excluded", () => {
  expect(filterBy("service:(a OR b) x", "service", "c")).toBe("x service:c");
  expect(exclude("-status:info", "status", "debug")).toBe("-status:(info OR debug)");
  expect(exclude("service:a", "service", "a")).toBe("-service:a");
  expect(chosen("-status:(info OR debug) status:error", "status")).toEqual({
    included: ["error"],
    excluded: ["info", "debug"],
  });
});

test("what a person wrote otherwise stays: wildcards, ranges, alternatives of terms", () => {
  expect(filterBy("service:we* a OR b", "host", "h")).toBe("(service:we* a OR b) host:h");
  expect(chosen("service:we*", "service").included).toEqual([]);
  expect(toggle("service:a OR service:b", "service", "c")).toBe("(service:a OR service:b) service:c");
  expect(clear("a AND service:x AND b", "service")).toBe("a AND b");
  expect(filterBy("*", "service", "a")).toBe("service:a");
});

test("a group leads to its rows, also when it has no value", () => {
  expect(
    groupQuery("a service:x", [
      ["service", "y z"],
      ["@b", ""],
    ]),
  ).toBe('a service:"y z" -@b:*');
});

test("a message is a phrase without a field", () => {
  expect(filterBy("", "message", 'say "hi"')).toBe('"say \\"hi\\""');
});

test("ranges are written, read and taken away", () => {
  const query = withRange("a", "@duration", "5", "");
  expect(query).toBe("a @duration:[5 TO *]");
  expect(rangeOf(query, "@duration")).toEqual({ low: "5", high: "" });
  expect(withRange(query, "@duration", "", "")).toBe("a");
});
