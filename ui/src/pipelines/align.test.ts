import { expect, test } from "vitest";
import type { Processor, Step } from "../api/pipelines";
import { aligned } from "./align";

const step = (name: string, applied = true): Step => ({ processor: "x", name, applied, changed: [], error: null });
const one = (name: string, is_enabled = true): Processor => ({ type: "url-parser", name, is_enabled });

test("processors that are off have no step, nested ones several", () => {
  const nested: Processor = {
    type: "pipeline",
    is_enabled: true,
    processors: [one("n1"), one("n2", false), one("n3")],
  };
  const steps = ["filter", "a", "nested filter", "n1", "n3", "c"].map((name) => step(name));
  const names = aligned([one("a"), one("b", false), nested, one("c")], steps).map((each) => each?.name);
  expect(names).toEqual(["a", undefined, "nested filter", "c"]);
});

test("a nested pipeline that does not take the row has one step; an outer one leaves none", () => {
  const nested: Processor = { type: "pipeline", is_enabled: true, processors: [one("n1")] };
  expect(aligned([nested, one("c")], [step("f"), step("nf", false), step("c")]).map((each) => each?.name)).toEqual([
    "nf",
    "c",
  ]);
  expect(aligned([one("a")], [step("f", false)])).toEqual([undefined]);
});
