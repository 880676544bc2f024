import { expect, test } from "vitest";
import { csvOf } from "./export";

test("CSV quotes what needs it, and runs nothing in a spreadsheet", () => {
  const row = {
    id: "1",
    time_ms: 0,
    time_ns: "0",
    message: '=cmd|"x",\nb',
    attributes: { n: -4.5, deep: { list: ["a", "b"] } },
  };
  expect(csvOf([row], ["message", "@n", "@deep.list", "@gone"])).toBe(
    'timestamp,message,\'@n,\'@deep.list,\'@gone\r\n1970-01-01T00:00:00.000Z,"\'=cmd|""x"",\nb",-4.5,"a, b",',
  );
});
