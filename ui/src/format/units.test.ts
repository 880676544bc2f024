import { describe, expect, test } from "vitest";
import type { Unit } from "../api/query";
import { formatTicks, formatValue, shown } from "./units";

const unit = (family: string, name: string, scale_factor = 1, short_name = ""): Unit => ({
  family,
  name,
  short_name,
  scale_factor,
});
const BYTE = unit("bytes", "byte", 1, "B");
const SECOND = unit("time", "second", 1, "s");

describe("formatValue", () => {
  test.each<[number | null, Unit | null, string]>([
    [0, null, "0"],
    [1234, null, "1.23k"],
    [999_960, null, "1M"],
    [-4_200_000, null, "-4.2M"],
    [0.00004, null, "0.000040"],
    [null, BYTE, "–"],
    [1536, BYTE, "1.5 KiB"],
    [1023, BYTE, "1023 B"],
    [3_221_225_472, BYTE, "3 GiB"],
    [512, unit("bytes", "mebibyte", 1024 ** 2, "MiB"), "512 MiB"],
    [2048, unit("bytes", "mebibyte", 1024 ** 2, "MiB"), "2 GiB"],
    [2_500, unit("bytes", "kilobyte", 1000, "kB"), "2.5 MB"],
    [12_500, unit("bytes", "bit", 1, "b"), "12.5 kbit"],
    [2048, unit("bytes", "byte/second", 1, "B/s"), "2 KiB/s"],
    [2048, unit("bytes", "byte", 1, "B/s"), "2 KiB/s"],
    [0.0123, SECOND, "12.3 ms"],
    [0, SECOND, "0 s"],
    [90, SECOND, "90 s"],
    [5400, SECOND, "90 min"],
    [250, unit("time", "millisecond", 0.001, "ms"), "250 ms"],
    [1500, unit("time", "nanosecond", 1e-9, "ns"), "1.5 µs"],
    [97.23, unit("percentage", "percent", 1, "%"), "97.2 %"],
    [0.5, unit("percentage", "fraction", 1, ""), "50 %"],
    [3_400, unit("general", "request/second"), "3.4k request/s"],
    [12, unit("db", "connection", 1, "conn"), "12 conn"],
    [2.4e9, unit("frequency", "hertz", 1, "Hz"), "2.4 GHz"],
  ])("%s %o is %s", (value, of, text) => {
    expect(formatValue(value, of)).toBe(text);
  });

  test("a precision is kept and autoscale can be off", () => {
    expect(formatValue(1234.5678, null, { precision: 1 })).toBe("1.2k");
    expect(formatValue(1234.5678, null, { precision: 1, autoscale: false })).toBe("1234.6");
    expect(shown(3_221_225_472, BYTE, { precision: 2 })).toEqual({ number: "3.00", suffix: "GiB" });
  });
});

describe("formatTicks", () => {
  test("one step for the whole axis, decimals that tell neighbours apart", () => {
    expect(formatTicks([0, 0.25, 0.5], null)).toEqual(["0", "0.25", "0.5"]);
    expect(formatTicks([0, 500, 1000], unit("general", "request/second"))).toEqual(["0", "0.5k", "1k"]);
    expect(formatTicks([0, 512, 1024, 1536], BYTE)).toEqual(["0", "0.5 KiB", "1 KiB", "1.5 KiB"]);
    expect(formatTicks([0, 20, 40], unit("percentage", "percent", 1, "%"))).toEqual(["0", "20 %", "40 %"]);
  });
});
