import type { Io } from "../../../src/commands/command.ts";

/** Remembers what was printed; there are no files. */
export interface FakeIo extends Io {
  readonly printed: string[];
  readonly complained: string[];
}

/** An {@linkcode Io} without a world behind it. */
export function fakeIo(env: Record<string, string> = {}): FakeIo {
  const printed: string[] = [];
  const complained: string[] = [];
  return {
    env,
    printed,
    complained,
    readFile: () => {
      throw new Deno.errors.NotFound("No such file");
    },
    out: (text) => void printed.push(text),
    err: (text) => void complained.push(text),
  };
}
