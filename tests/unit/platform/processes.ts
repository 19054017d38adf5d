import { assert } from "@std/assert";
import { poll } from "../../../src/platform/poll.ts";
import { ProcessGroup } from "../../../src/platform/process_group.ts";

/** Starts `command` with the tests' environment. */
export function spawn(command: string, token: string = crypto.randomUUID()): ProcessGroup {
  return ProcessGroup.spawn(command, { env: Deno.env.toObject(), token });
}

/** The next line that a command prints, as the sign that it is ready. */
export async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  reader.releaseLock();
  return text.split("\n")[0]!;
}

/** Lets go of the pipes of a group. */
export async function closePipes(group: ProcessGroup): Promise<void> {
  await group.stdout?.cancel();
  await group.stderr?.cancel();
}

/** Whether `pid` still runs; a zombie does not. */
export function runs(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return !/^[ZXx]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

/** Waits for `condition`, with an end. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  assert(await poll(condition, { timeoutMs: 10_000 }), `Never came true: ${condition}`);
}

/** A port that nobody listens on, out of the range that the system hands out by itself. */
export function freePort(): number {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 20_000);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch {
      // Somebody does; another one then.
    }
  }
}
