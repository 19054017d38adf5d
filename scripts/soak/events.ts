import { type HttpConnection, HttpFailure } from "../../tests/helpers/http.ts";
import type { Outcome } from "./outcome.ts";

const PATH = "/sse?every=40";
const EVENTS = 10;

/** Listens for a while and goes: a stream of events has no end of its own. */
export function listen(connection: HttpConnection): Promise<Outcome> {
  return follow(connection, (count) => count >= EVENTS);
}

/** Listens until the stream is ended, which has to be between two events, and by no reset. */
export async function listenOn(connection: HttpConnection, stop: AbortSignal): Promise<Outcome> {
  try {
    return await follow(connection, () => stop.aborted);
  } catch (error) {
    const isEnd = error instanceof HttpFailure && error.kind === "truncated_body";
    if (isEnd && connection.brokenBy === "") return "restarted";
    throw error;
  }
}

async function follow(
  connection: HttpConnection,
  isEnough: (count: number) => boolean,
): Promise<Outcome> {
  await connection.send(PATH);
  const head = await connection.readHead();
  if (head.status !== 200) throw new Error(`status ${head.status}`);
  const version = head.headers.get("x-version");
  let count = 0;
  for await (const chunk of connection.body(head)) {
    // The application sends each event in a chunk of its own.
    const event = new TextDecoder().decode(chunk);
    if (event !== `data: ${version} ${count}\n\n`) throw new Error(`event ${count} is ${event}`);
    if (isEnough(++count)) return "ok";
  }
  throw new Error(`The stream ended after ${count} events`);
}
