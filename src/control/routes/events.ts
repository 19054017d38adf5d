import { Coalescer } from "../coalescer.ts";
import { flagOf } from "../query.ts";
import type { Call } from "../route.ts";

const BEAT_MS = 15_000;

/** A status is sent at most this often. */
const STATUS_EVERY_MS = 250;

const HEADERS = {
  "content-type": "text/event-stream",
  // nginx would otherwise keep events back.
  "x-accel-buffering": "no",
};

/** Answers the status, and from then on everything that happens (server-sent events). */
export function events(call: Call): Response {
  const { operator, streams, clock } = call;
  const withOutput = flagOf(call, "output");
  const first = asEvent("status", operator.status());
  const stream = streams.open();
  stream.begin(first);
  const sendStatus = () => stream.send(asEvent("status", operator.status()));
  const options = { clock, intervalMs: STATUS_EVERY_MS, signal: stream.closed };
  const status = new Coalescer(sendStatus, options);
  const listeners = new DisposableStack();
  listeners.use(operator.onEvent((event) => {
    stream.send(asEvent("event", event));
    status.request();
  }));
  if (withOutput) {
    listeners.use(operator.onOutput((line) => stream.send(asEvent("output", line))));
  }
  stream.closed.addEventListener("abort", () => listeners.dispose(), { once: true });
  stream.beat(clock, BEAT_MS, ":\n\n");
  return new Response(stream.body, { headers: HEADERS });
}

function asEvent(name: "status" | "event" | "output", data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
