import { json } from "../answers.ts";
import type { Call } from "../route.ts";

/** Answers that this liveroll is there; says nothing about the application. */
export function healthz({ operator, date }: Call): Response {
  const { version } = operator.status();
  return json({ status: "ok", version, time: new Date(date()).toISOString() });
}
