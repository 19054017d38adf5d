import { assertEquals } from "@std/assert";
import { openTelemetry, wantsTelemetry } from "../../../src/metrics/telemetry.ts";
import { sampleFacts } from "./sample_facts.ts";

Deno.test("OpenTelemetry is wanted exactly where Deno would export", () => {
  for (const value of ["true", "TRUE"]) assertEquals(wantsTelemetry({ OTEL_DENO: value }), true);
  for (const value of ["false", "1", "", "yes"]) {
    assertEquals(wantsTelemetry({ OTEL_DENO: value }), false, value);
  }
  assertEquals(wantsTelemetry({}), false);
});

Deno.test({
  name: "where Deno does not export there is nothing to tell",
  ignore: wantsTelemetry(Deno.env.toObject()),
  async fn() {
    const sources = { app: "blog", version: "1", metrics: [], facts: sampleFacts };
    assertEquals(await openTelemetry(sources), null);
  },
});
