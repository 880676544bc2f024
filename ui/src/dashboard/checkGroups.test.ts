import { expect, test } from "vitest";
import type { HostCheck } from "../api/checks";
import type { CheckStatus } from "../api/hosts";
import { groupsOf, matching } from "./checkGroups";

const run = (host: string, status: CheckStatus, ...tags: string[]): HostCheck => ({
  check: "http.up",
  host,
  status,
  message: null,
  tags,
  last_ms: 0,
});
const ALL = [
  run("a", "ok", "env:prod"),
  run("b", "critical", "env:prod"),
  run("c", "warning", "env:dev"),
  run("", "ok", "env:prod"),
];

test("tags choose runs", () => {
  expect(matching(ALL, ["env:prod", "*"]).map(({ host }) => host)).toEqual(["a", "b", ""]);
  expect(matching(ALL, ["host:b"])).toHaveLength(1);
});

test("groups, the worst first; a run without the key is in none", () => {
  expect(groupsOf(ALL, ["env"]).map(({ name, worst, counts }) => [name, worst, counts.ok])).toEqual([
    ["prod", "critical", 2],
    ["dev", "warning", 0],
  ]);
  expect(groupsOf(ALL, ["host"]).map(({ name }) => name)).toEqual(["b", "c", "a"]);
  expect(groupsOf(ALL, [])).toHaveLength(1);
});
