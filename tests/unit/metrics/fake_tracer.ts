import { type Context, ROOT_CONTEXT, type Span, SpanStatusCode } from "@opentelemetry/api";
import type { SpanTools } from "../../../src/metrics/roll_spans.ts";

/** What became of one span. */
export interface Told {
  name: string;
  parent: string | null;
  attributes: Record<string, unknown>;
  events: string[];
  status: number | null;
  message: string | null;
  /** Start and end as they were given; null: the moment of the call. */
  startedAt: number | null;
  endedAt: number | null;
  isEnded: boolean;
}

const PARENT = Symbol("parent");

/** Writes down every span. */
export function fakeTracer(): { tools: SpanTools; spans: Told[] } {
  const spans: Told[] = [];
  const told = new Map<Span, Told>();
  const startSpan: SpanTools["tracer"]["startSpan"] = (name, options = {}, context) => {
    const parent = context?.getValue(PARENT) as Span | undefined;
    const one: Told = {
      name,
      parent: parent === undefined ? null : told.get(parent)?.name ?? "?",
      attributes: { ...options.attributes },
      events: [],
      status: null,
      message: null,
      startedAt: typeof options.startTime === "number" ? options.startTime : null,
      endedAt: null,
      isEnded: false,
    };
    const span = fakeSpan(one);
    told.set(span, one);
    spans.push(one);
    return span;
  };
  const startActiveSpan = () => {
    throw new Error("Cannot start an active span: nobody should");
  };
  const setSpan = (context: Context, span: Span) => context.setValue(PARENT, span);
  const errorCode = SpanStatusCode.ERROR;
  const tracer = { startSpan, startActiveSpan };
  return {
    tools: { app: "blog", tracer, trace: { setSpan }, root: ROOT_CONTEXT, errorCode },
    spans,
  };
}

function fakeSpan(one: Told): Span {
  const span: Span = {
    spanContext: () => ({ traceId: "", spanId: "", traceFlags: 1 }),
    setAttribute: (key, value) => (one.attributes[key] = value, span),
    setAttributes: (all) => (Object.assign(one.attributes, all), span),
    addEvent: (name) => (one.events.push(name), span),
    addLink: () => span,
    addLinks: () => span,
    setStatus: ({ code, message = null }) => (Object.assign(one, { status: code, message }), span),
    updateName: () => span,
    end(at) {
      if (one.isEnded) throw new Error(`Cannot end ${one.name}: it has ended`);
      Object.assign(one, { isEnded: true, endedAt: typeof at === "number" ? at : null });
    },
    isRecording: () => !one.isEnded,
    recordException: () => {},
  };
  return span;
}
