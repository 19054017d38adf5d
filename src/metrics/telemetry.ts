import type { RollEvent } from "../roll/events.ts";
import type { Facts } from "./facts.ts";
import type { Metric } from "./metric.ts";
import { mirror } from "./mirror.ts";
import { RollSpans } from "./roll_spans.ts";

/** What a {@linkcode Telemetry} tells. */
export interface TelemetrySources {
  app: string;
  /** Of liveroll. */
  version: string;
  metrics: readonly Metric[];
  facts(): Facts;
}

/** Metrics and rolls on their way to OpenTelemetry, until disposed. */
export interface Telemetry extends Disposable {
  /** Takes one event, without secrets; neither throws nor waits. */
  observe(event: RollEvent): void;
}

/** Whether Deno was asked to export; it takes no other value as a yes either. */
export function wantsTelemetry(env: Readonly<Record<string, string>>): boolean {
  return env.OTEL_DENO?.toLowerCase() === "true";
}

/**
 * Hands everything to Deno's own exporter; where to, in which form and how often is up to the
 * standard variables. Null: it is not there, because it was disabled or not compiled in.
 */
export async function openTelemetry(
  { app, version, metrics, facts }: TelemetrySources,
): Promise<Telemetry | null> {
  const api = await import("@opentelemetry/api");
  const { trace } = api;
  const hasTraces = trace.getTracerProvider() === Deno.telemetry.tracerProvider;
  const hasMetrics = api.metrics.getMeterProvider() === Deno.telemetry.meterProvider;
  if (!hasTraces && !hasMetrics) return null;
  const spans = new RollSpans({
    app,
    tracer: trace.getTracer("liveroll", version),
    trace,
    root: api.ROOT_CONTEXT,
    errorCode: api.SpanStatusCode.ERROR,
  });
  const instruments = mirror(metrics, api.metrics.getMeter("liveroll", version), facts);
  return {
    observe: (event) => spans.observe(event),
    [Symbol.dispose]() {
      instruments[Symbol.dispose]();
      spans[Symbol.dispose]();
    },
  };
}
