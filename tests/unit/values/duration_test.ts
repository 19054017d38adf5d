import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { formatDuration, parseDuration } from "../../../src/values/duration.ts";

Deno.test("parseDuration() reads what Go's time.ParseDuration reads", () => {
  const table: [text: string, ms: number][] = [
    ["0", 0],
    ["-0", 0],
    ["5s", 5000],
    ["1478s", 1_478_000],
    ["+5s", 5000],
    ["-5s", -5000],
    ["5.0s", 5000],
    ["5.6s", 5600],
    ["5.s", 5000],
    [".5s", 500],
    ["1.004s", 1004],
    ["100.00100s", 100_001],
    ["10ns", 0.00001],
    ["11us", 0.011],
    ["12µs", 0.012],
    ["12μs", 0.012],
    ["13ms", 13],
    ["15m", 900_000],
    ["16h", 57_600_000],
    ["3h30m", 12_600_000],
    ["10.5s4m", 250_500],
    ["-2m3.4s", -123_400],
    ["1m30s", 90_000],
    ["39h9m14.425s", 140_954_425],
    ["0.3333333333333333333h", 1_199_999.999999],
    ["0s", 0],
    ["1s1s", 2000],
  ];
  for (const [text, ms] of table) assertEquals(parseDuration(text), ms, text);
});

Deno.test("parseDuration() names the value and the fix", () => {
  const table: [text: string, message: string][] = [
    ["10", 'missing unit in "10", for example 10s'],
    ["1.5", 'missing unit in "1.5", for example 1.5s'],
    ["1m30", 'missing unit in "1m30", for example 1m30s'],
    ["1.2.3s", 'missing unit in "1.2.3s", for example 10s'],
    ["2d", 'unknown unit "d" in "2d", use ns, us, ms, s, m or h'],
    ["3S", 'unknown unit "S" in "3S", use ns, us, ms, s, m or h'],
    ["", '"" is not a duration, give for example 10s or 1m30s'],
    [".", '"." is not a duration, give for example 10s or 1m30s'],
    [".s", '".s" is not a duration, give for example 10s or 1m30s'],
    ["s", '"s" is not a duration, give for example 10s or 1m30s'],
    ["-", '"-" is not a duration, give for example 10s or 1m30s'],
    ["--5s", '"--5s" is not a duration, give for example 10s or 1m30s'],
    ["5s-3s", '"5s-3s" is not a duration, give for example 10s or 1m30s'],
    ["10 s", '"10 s" is not a duration, give for example 10s or 1m30s'],
    ["1h 30m", '"1h 30m" is not a duration, give for example 10s or 1m30s'],
    ["soon", '"soon" is not a duration, give for example 10s or 1m30s'],
  ];
  for (const [text, message] of table) {
    assertEquals(assertThrows(() => parseDuration(text), SyntaxError).message, message);
  }
});

Deno.test("parseDuration() refuses what Go cannot count", () => {
  assertEquals(parseDuration("2562047h47m16.854775807s"), 9_223_372_036_854.775807);
  assertThrows(() => parseDuration("2562047h47m16.854775808s"), RangeError, "is too long");
  assertThrows(() => parseDuration(`${"9".repeat(400)}h`), RangeError, "is too long");
});

Deno.test("formatDuration() is short and in Go's syntax", () => {
  const table: [ms: number, text: string][] = [
    [0, "0s"],
    [0.000001, "1ns"],
    [0.0015, "1.5us"],
    [1, "1ms"],
    [250, "250ms"],
    [1500, "1.5s"],
    [60_000, "1m"],
    [90_000, "1m30s"],
    [600_000, "10m"],
    [3_600_000, "1h"],
    [3_605_250, "1h5.25s"],
    [500 * 3_600_000, "500h"],
  ];
  for (const [ms, text] of table) assertEquals(formatDuration(ms), text);
});

Deno.test("parseDuration() reads back what formatDuration() writes, to the nanosecond", () => {
  const nanoseconds = fc.integer({ min: 0, max: 500 * 3.6e12 });
  fc.assert(fc.property(nanoseconds, (ns) => {
    assertEquals(Math.round(parseDuration(formatDuration(ns / 1e6)) * 1e6), ns);
  }));
});

Deno.test("parseDuration() adds up its parts", () => {
  const units = { ns: 1e-6, us: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 };
  const part = fc.tuple(fc.nat(10_000), fc.constantFrom("ns", "us", "ms", "s", "m", "h"));
  fc.assert(fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
    const text = parts.map(([count, unit]) => `${count}${unit}`).join("");
    const ms = parts.reduce((sum, [count, unit]) => sum + count * units[unit], 0);
    assertEquals(Math.abs(parseDuration(text) - ms) <= ms * 1e-12, true, text);
  }));
});

Deno.test("parseDuration() never throws anything but its own errors", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    try {
      parseDuration(text);
    } catch (error) {
      assertEquals(error instanceof SyntaxError || error instanceof RangeError, true);
    }
  }));
});
