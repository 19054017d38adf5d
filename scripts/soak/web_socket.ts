import { openSocket, type TestSocket } from "../../tests/helpers/socket.ts";
import type { Outcome } from "./outcome.ts";

const MESSAGES = 20;
const PAUSE_MS = 60;
const SERVICE_RESTART = 1012;
const OWN_CODE = 4001;

/** A conversation of about a second; a roll may end it. */
export async function talk(port: number): Promise<Outcome> {
  const socket = await openSocket(port);
  try {
    await converse(socket);
  } catch (error) {
    const { code } = await socket.closed;
    if (code === SERVICE_RESTART) return "restarted";
    throw new Error(`closed with ${code}: ${error}`, { cause: error });
  }
  socket.send("close");
  const { code } = await socket.closed;
  if (code === SERVICE_RESTART) return "restarted";
  if (code !== OWN_CODE) throw new Error(`closed with ${code} at the end`);
  return "ok";
}

async function converse(socket: TestSocket): Promise<void> {
  const hello = await socket.next();
  if (!hello.startsWith("hello from ")) throw new Error(`another greeting: ${hello}`);
  for (let n = 0; n < MESSAGES; n++) {
    socket.send(`message ${n}`);
    const echo = await socket.next();
    if (echo !== `message ${n}`) throw new Error(`message ${n} came back as ${echo}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
