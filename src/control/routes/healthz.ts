import { json } from "../answers.ts";

/** Answers that this liveroll is there; says nothing about the application. */
export function healthz(): Response {
  return json({ status: "ok" });
}
