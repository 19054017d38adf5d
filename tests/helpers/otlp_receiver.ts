import { deadline } from "@std/async/deadline";
import { PATIENCE_MS } from "./event_log.ts";

/** Attributes as OTLP's JSON has them. */
export type OtlpAttributes = { key: string; value: Record<string, unknown> }[];

/** One number that arrived. */
export interface OtlpPoint {
  name: string;
  labels: Record<string, unknown>;
  value: number;
}

/** One span that arrived. */
export interface OtlpSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: OtlpAttributes;
  events: { name: string }[];
  status: { code: number; message: string };
}

interface OtlpMetric {
  name: string;
  sum?: { dataPoints: OtlpDataPoint[] };
  gauge?: { dataPoints: OtlpDataPoint[] };
}

interface OtlpDataPoint {
  attributes: OtlpAttributes;
  asDouble?: number;
  asInt?: string;
}

interface Scope {
  scope: { name: string; version: string };
}

interface OtlpBody {
  resourceMetrics?: { scopeMetrics: (Scope & { metrics: OtlpMetric[] })[] }[];
  resourceSpans?: { scopeSpans: (Scope & { spans: OtlpSpan[] })[] }[];
}

/** Takes what is exported by OTLP/HTTP with JSON, and remembers what `liveroll` told. */
export class OtlpReceiver implements AsyncDisposable {
  readonly spans: OtlpSpan[] = [];
  /** The newest points of every metric. */
  readonly points: Map<string, OtlpPoint[]> = new Map();
  /** Of the instrumentation. */
  readonly versions: Set<string> = new Set();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #arrived = Promise.withResolvers<void>();

  constructor() {
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, async (request) => {
      this.#take(await request.json());
      return Response.json({});
    });
  }

  /** What the exporter has to know. */
  get env(): Record<string, string> {
    return {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.#server.addr.port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_METRIC_EXPORT_INTERVAL: "200",
      OTEL_BSP_SCHEDULE_DELAY: "200",
    };
  }

  /** Resolves as soon as `isThere` finds what it wants among what has arrived. */
  async waitFor<T>(isThere: () => T | undefined | false): Promise<T> {
    const search = async () => {
      while (true) {
        const found = isThere();
        if (found !== undefined && found !== false) return found;
        await this.#arrived.promise;
      }
    };
    return await deadline(search(), PATIENCE_MS);
  }

  /** The newest value with these labels. */
  value(name: string, labels: Record<string, unknown> = {}): number | undefined {
    const matches = ({ labels: has }: OtlpPoint) =>
      Object.entries(labels).every(([key, value]) => has[key] === value);
    return this.points.get(name)?.find(matches)?.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #take({ resourceMetrics = [], resourceSpans = [] }: OtlpBody): void {
    for (const { scope, metrics } of resourceMetrics.flatMap((one) => one.scopeMetrics)) {
      if (scope.name !== "liveroll") continue;
      this.versions.add(scope.version);
      for (const metric of metrics) this.points.set(metric.name, pointsOf(metric));
    }
    for (const { scope, spans } of resourceSpans.flatMap((one) => one.scopeSpans)) {
      if (scope.name === "liveroll") this.spans.push(...spans);
    }
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
  }
}

/** Attributes as plain values. */
export function plain(attributes: OtlpAttributes): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

function pointsOf({ name, sum, gauge }: OtlpMetric): OtlpPoint[] {
  return (sum ?? gauge)?.dataPoints.map(({ attributes, asDouble, asInt }) => ({
    name,
    labels: plain(attributes),
    value: asDouble ?? Number(asInt),
  })) ?? [];
}
