import { PATIENCE_MS } from "./event_log.ts";
import { inTime } from "./in_time.ts";
import { programCommand } from "./program.ts";

/** Some wait for what a test waits for. */
const LIMIT_MS = 2 * PATIENCE_MS;

/** What a command said. */
export interface VerbAnswer {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command of the program beside the one that serves, as its operator would.
 *
 * @throws {Error} When it does not end in time.
 */
export async function verb(stateDir: string, ...words: string[]): Promise<VerbAnswer> {
  const { command, args } = programCommand({});
  const end = new AbortController();
  const output = new Deno.Command(command, {
    args: [...args, ...words, "--state-dir", stateDir],
    env: { NO_COLOR: "1" },
    stdin: "null",
    signal: end.signal,
  }).output();
  const { code, stdout, stderr } = await inTime(`${words.join(" ")} end`, output, {
    timeoutMs: LIMIT_MS,
  })
    .catch((error) => {
      end.abort();
      throw error;
    });
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}
