import { openSocket, type TestSocket } from "../../tests/helpers/socket.ts";
import type { Outcome } from "./outcome.ts";

const MESSAGES = 20;
const PAUSE_MS = 60;
/** Told when an application, or liveroll, is replaced. */
const RESTARTED: readonly number[] = [1012, 1001];
const OWN_CODE = 4001;

/** A conversation of about a second; a roll may end it. */
export function talk(port: number): Promise<Outcome> {
  return converse(port, (count) => count >= MESSAGES);
}

/** A conversation that goes on until it is ended. */
export function talkOn(port: number, stop: AbortSignal): Promise<Outcome> {
  return converse(port, () => stop.aborted);
}

async function converse(port: number, isEnough: (count: number) => boolean): Promise<Outcome> {
  const socket = await openSocket(port);
  try {
    await exchange(socket, isEnough);
  } catch (error) {
    const { code } = await socket.closed;
    if (RESTARTED.includes(code)) return "restarted";
    throw new Error(`closed with ${code}: ${error}`, { cause: error });
  }
  socket.send("close");
  const { code } = await socket.closed;
  if (RESTARTED.includes(code)) return "restarted";
  if (code !== OWN_CODE) throw new Error(`closed with ${code} at the end`);
  return "ok";
}

async function exchange(
  socket: TestSocket,
  isEnough: (count: number) => boolean,
): Promise<void> {
  const hello = await socket.next();
  if (!hello.startsWith("hello from ")) throw new Error(`another greeting: ${hello}`);
  for (let n = 0; !isEnough(n); n++) {
    socket.send(`message ${n}`);
    const echo = await socket.next();
    if (echo !== `message ${n}`) throw new Error(`message ${n} came back as ${echo}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
