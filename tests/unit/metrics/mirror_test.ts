import { assertEquals } from "@std/assert";
import {
  type BatchObservableCallback,
  createNoopMeter,
  type Meter,
  type MetricOptions,
  type Observable,
} from "@opentelemetry/api";
import { renderMetrics } from "../../../src/metrics/exposition.ts";
import { metricsOf } from "../../../src/metrics/list.ts";
import { mirror } from "../../../src/metrics/mirror.ts";
import { Counters } from "../../../src/proxy/counters.ts";
import { sampleFacts } from "./sample_facts.ts";

/** A meter whose callbacks are asked by the test. */
class FakeMeter {
  readonly created = new Map<string, { kind: string; options: MetricOptions | undefined }>();
  readonly callbacks = new Set<BatchObservableCallback>();
  readonly #names = new Map<Observable, string>();
  readonly meter: Meter = {
    ...createNoopMeter(),
    createObservableCounter: (name, options) => this.#create("counter", name, options),
    createObservableGauge: (name, options) => this.#create("gauge", name, options),
    addBatchObservableCallback: (callback) => void this.callbacks.add(callback),
    removeBatchObservableCallback: (callback) => void this.callbacks.delete(callback),
  };

  /** Everything that is told now, as lines of Prometheus' text. */
  async collect(): Promise<string[]> {
    const lines: string[] = [];
    const observe = (instrument: Observable, value: number, labels = {}) => {
      const pairs = Object.entries(labels).map(([name, text]) => `${name}="${text}"`);
      lines.push(`${this.#names.get(instrument)}{${pairs.join()}} ${value}`);
    };
    for (const callback of this.callbacks) await callback({ observe });
    return lines;
  }

  #create(kind: string, name: string, options: MetricOptions | undefined): Observable {
    const instrument = { addCallback: () => {}, removeCallback: () => {} };
    this.#names.set(instrument, name);
    this.created.set(name, { kind, options });
    return instrument;
  }
}

for (const engine of ["relay", "tcp"] as const) {
  Deno.test(`OpenTelemetry is told the same as Prometheus with the engine ${engine}`, async () => {
    const counters = new Counters();
    counters.total = 3;
    for (const ms of [1, 30, 20_000]) counters.durations.observe(ms);
    const facts = sampleFacts({ requests: counters.snapshot(), currentId: "v1" });
    const fake = new FakeMeter();
    using _ = mirror(metricsOf(engine), fake.meter, () => facts);
    const text = renderMetrics(metricsOf(engine), facts).split("\n");
    assertEquals(await fake.collect(), text.filter((line) => line !== "" && line[0] !== "#"));
  });
}

Deno.test("instruments have the kind and unit of their metric", () => {
  const fake = new FakeMeter();
  using _ = mirror(metricsOf("relay"), fake.meter, sampleFacts);
  const of = (name: string) => {
    const { kind, options } = fake.created.get(name) ?? {};
    return [kind, options?.unit];
  };
  assertEquals(of("liveroll_rolls_total"), ["counter", undefined]);
  assertEquals(of("liveroll_backend_up"), ["gauge", undefined]);
  assertEquals(of("process_resident_memory_bytes"), ["gauge", "By"]);
  assertEquals(of("process_cpu_seconds_total"), ["counter", "s"]);
  assertEquals(of("liveroll_http_request_duration_seconds_sum"), ["counter", "s"]);
  assertEquals(of("liveroll_http_request_duration_seconds_bucket"), ["counter", undefined]);
});

Deno.test("facts are gathered once for a look, and not any more afterwards", async () => {
  const fake = new FakeMeter();
  let looks = 0;
  const facts = () => {
    looks++;
    return sampleFacts();
  };
  const mirrored = mirror(metricsOf("relay"), fake.meter, facts);
  await fake.collect();
  assertEquals(looks, 1);
  mirrored[Symbol.dispose]();
  assertEquals(await fake.collect(), []);
  assertEquals(looks, 1);
});
