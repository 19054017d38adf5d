import { programCommand } from "./program.ts";

/** What a command said. */
export interface VerbAnswer {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command of the program beside the one that serves, as its operator would. */
export async function verb(stateDir: string, ...words: string[]): Promise<VerbAnswer> {
  const { command, args } = programCommand({});
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args, ...words, "--state-dir", stateDir],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}
