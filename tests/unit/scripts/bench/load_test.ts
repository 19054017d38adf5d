import { assertEquals, assertThrows } from "@std/assert";
import { parseWrk } from "../../../../scripts/bench/load.ts";

const GOOD = `Running 1s test @ http://127.0.0.1:20000/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     3.73ms   12.10ms 150.33ms   95.57%
    Req/Sec    10.25k     2.31k   14.50k    70.00%
  Latency Distribution
     50%  812.00us
     75%    2.98ms
     90%    1.02s 
     99%    1.50m 
  10213 requests in 1.10s, 2.11MB read
Requests/sec:  10183.55
Transfer/sec:      2.10MB
`;

Deno.test("parseWrk() reads count, time and quantiles in whatever unit", () => {
  assertEquals(parseWrk(GOOD), {
    count: 10_213,
    seconds: 1.1,
    p50Ms: 0.812,
    p99Ms: 90_000,
    errors: 0,
  });
});

Deno.test("parseWrk() adds up errors of sockets and bad answers", () => {
  const bad = `${GOOD}  Socket errors: connect 1, read 2, write 3, timeout 4
  Non-2xx or 3xx responses: 100
`;
  assertEquals(parseWrk(bad).errors, 110);
});

Deno.test("parseWrk() refuses what is not a report", () => {
  assertThrows(() => parseWrk("unable to connect"), Error, "Cannot find");
  assertThrows(() => parseWrk(GOOD.replace("812.00us", "812.00d")), Error, "Cannot read the time");
});
