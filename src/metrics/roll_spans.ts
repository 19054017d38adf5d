import type { Context, Span, SpanStatusCode, TraceAPI, Tracer } from "@opentelemetry/api";
import type { RollEvent } from "../roll/events.ts";
import type { PhaseRecord } from "../roll/journal.ts";

/** Rolls that are remembered: the old instance may leave long after its roll has succeeded. */
const MAX_ROLLS = 16;

/** One roll, and the place of its phases. */
interface RollSpan {
  readonly span: Span;
  readonly context: Context;
}

/** What spans are made with. */
export interface SpanTools {
  app: string;
  tracer: Tracer;
  trace: Pick<TraceAPI, "setSpan">;
  /** The context without any span. */
  root: Context;
  errorCode: SpanStatusCode.ERROR;
}

type Ended = Extract<
  RollEvent,
  {
    type:
      | "roll.succeeded"
      | "roll.failed"
      | "roll.rolled_back"
      | "roll.interrupted"
      | "roll.skipped";
  }
>;

/** Tells every roll as a trace: one span for the roll, one inside it for each of its phases. */
export class RollSpans implements Disposable {
  readonly #tools: SpanTools;
  readonly #rolls = new Map<number, RollSpan>();

  constructor(tools: SpanTools) {
    this.#tools = tools;
  }

  /** Takes one event, without secrets. */
  observe(event: RollEvent): void {
    switch (event.type) {
      case "roll.started":
        return this.#begin(event);
      case "roll.phase_ended":
        return this.#phase(event.roll, event.phase);
      case "roll.candidate":
        return this.#mark(event.roll, "candidate", place(event.instance));
      case "roll.switched":
        return this.#mark(event.roll, "switched", place(event.instance));
      case "port.busy":
        return this.#mark(event.roll, "port.busy", { port: event.port, holder: event.holder });
      case "turn.waiting":
        return this.#mark(event.roll, "turn.waiting", { detail: event.detail });
      case "hook.ended":
        return this.#mark(event.roll, "hook.ended", { hook: event.hook, ...result(event.end) });
      case "roll.succeeded":
        return this.#end(event, "succeeded");
      case "roll.failed":
        return this.#end(event, "failed", event.detail);
      case "roll.rolled_back":
        return this.#end(event, "rolled_back", event.detail);
      case "roll.interrupted":
        return this.#end(event, "interrupted", event.reason);
      case "roll.skipped":
        return this.#end(event, "skipped");
    }
  }

  /** Ends what has not ended: a later life may go on with it, but not in this trace. */
  [Symbol.dispose](): void {
    for (const { span } of this.#rolls.values()) endOnce(span);
    this.#rolls.clear();
  }

  #begin({ roll, trigger, from, to }: Extract<RollEvent, { type: "roll.started" }>): void {
    // It had to wait for its port, and begins again.
    if (this.#rolls.has(roll)) return;
    const { app, tracer, trace, root } = this.#tools;
    const attributes = {
      "liveroll.app": app,
      "liveroll.roll": roll,
      "liveroll.trigger": trigger,
      "liveroll.from": from ?? "",
      "liveroll.to": to,
    };
    const span = tracer.startSpan("roll", { attributes }, root);
    this.#rolls.set(roll, { span, context: trace.setSpan(root, span) });
    this.#forgetOldest();
  }

  #phase(roll: number, { name, startedAt, durationMs, outcome }: PhaseRecord): void {
    const parent = this.#rolls.get(roll);
    if (parent === undefined) return;
    const { app, tracer, errorCode } = this.#tools;
    const attributes = { "liveroll.app": app, "liveroll.outcome": outcome };
    const span = tracer.startSpan(name, { startTime: startedAt, attributes }, parent.context);
    if (outcome === "failed") span.setStatus({ code: errorCode });
    span.end(startedAt + durationMs);
  }

  #mark(roll: number, name: string, attributes: Record<string, string | number>): void {
    this.#rolls.get(roll)?.span.addEvent(name, attributes);
  }

  #end({ roll }: Ended, outcome: string, message = ""): void {
    const span = this.#rolls.get(roll)?.span;
    if (span === undefined) return;
    span.setAttribute("liveroll.outcome", outcome);
    const isBad = outcome === "failed" || outcome === "rolled_back";
    if (isBad) span.setStatus({ code: this.#tools.errorCode, message });
    else if (message !== "") span.setAttribute("liveroll.detail", message);
    endOnce(span);
  }

  #forgetOldest(): void {
    if (this.#rolls.size <= MAX_ROLLS) return;
    for (const [roll, { span }] of this.#rolls) {
      endOnce(span);
      this.#rolls.delete(roll);
      return;
    }
  }
}

function endOnce(span: Span): void {
  if (span.isRecording()) span.end();
}

function place({ port, pid }: { port: number; pid: number }): Record<string, number> {
  return { port, pid };
}

function result(
  { outcome, code }: { outcome: string; code: number | null },
): Record<string, string | number> {
  return code === null ? { outcome } : { outcome, code };
}
