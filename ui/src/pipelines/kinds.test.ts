import { expect, test } from "vitest";
import { kindOf, KINDS, newProcessor, read, summaryOf, written } from "./kinds";

test("a field deep inside is written without touching its neighbours", () => {
  const grok = newProcessor(kindOf("grok-parser")!);
  const next = written(grok, "grok.match_rules", "a %{word:b}");
  expect(read(next, "grok.match_rules")).toBe("a %{word:b}");
  expect(read(next, "grok.support_rules")).toBe("");
  expect(read(grok, "grok.match_rules")).toBe("rule %{data:text}");
  expect(written({}, "filter.query", "x")).toEqual({ filter: { query: "x" } });
});

test("new processors are on, and don't share their parts", () => {
  for (const kind of KINDS) expect(newProcessor(kind)).toMatchObject({ type: kind.type, is_enabled: true });
  const kind = kindOf("category-processor")!;
  (newProcessor(kind).categories as unknown[]).push("x");
  expect((newProcessor(kind).categories as unknown[]).length).toBe(1);
});

test("a head says from what to what", () => {
  expect(summaryOf({ type: "attribute-remapper", is_enabled: true, sources: ["a", "b"], target: "c" })).toBe(
    "a, b → c",
  );
  expect(summaryOf({ type: "pipeline", is_enabled: true, filter: { query: "service:x" } })).toBe("service:x");
});
