import {
  HandoverError,
  type Listener,
  type Upgrader,
  upgrader,
  type UpgraderOptions,
} from "../../../src/handover/mod.ts";

/** What a program of a test is told, as JSON in its first argument. */
export interface Plan extends UpgraderOptions {
  id: string;
  port: number;
  /** Whether it waits for a line on standard input before it is ready. */
  hold?: boolean;
}

/** The plan of this program. */
export function plan(): Plan {
  return JSON.parse(Deno.args[0] ?? "{}");
}

/** Tells the test how far it has come. */
export function say(step: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${step}\n`));
}

/** Comes up, serves, and ends when a successor serves. */
export async function live(
  serve: (listener: Listener, id: string) => { drain(): Promise<unknown> },
): Promise<void> {
  const { port, hold = false, ...options } = plan();
  try {
    const up = await upgrader(options);
    const listener = await up.listen("http", { hostname: "127.0.0.1", port });
    const server = serve(listener, options.id);
    say("has sockets");
    if (hold) await Deno.stdin.read(new Uint8Array(1));
    await up.ready();
    await until(up);
    await server.drain();
    Deno.exit(0);
  } catch (error) {
    if (!(error instanceof HandoverError)) throw error;
    say(`refused: ${error.reason}`);
    Deno.exit(3);
  }
}

async function until(up: Upgrader): Promise<void> {
  say("ready");
  say(await up.complete);
}
