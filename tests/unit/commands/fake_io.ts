import { stripAnsiCode } from "@std/fmt/colors";
import type { Io } from "../../../src/commands/command.ts";
import { systemClock } from "../../../src/platform/clock.ts";

/** What a fake is to be like. */
export interface FakeIoOptions {
  env?: Record<string, string>;
  files?: Record<string, string>;
  /** Which streams are terminals; none by default. */
  terminal?: boolean;
  columns?: number;
  rows?: number;
  /** Milliseconds since 1970; the real time by default. */
  date?: () => number;
}

/** Remembers what was printed. */
export interface FakeIo extends Io {
  readonly printed: string[];
  readonly complained: string[];
  /** What was written to the streams besides. */
  readonly drawn: { out: string; err: string };
  /** Presses Ctrl-C. */
  interrupt(): void;
  /** Who listens to Ctrl-C. */
  readonly interruptible: number;
}

/** An {@linkcode Io} without a world behind it. */
export function fakeIo(
  env: Record<string, string> = {},
  options: Omit<FakeIoOptions, "env"> = {},
): FakeIo {
  const printed: string[] = [];
  const complained: string[] = [];
  const drawn = { out: "", err: "" };
  const listeners = new Set<() => void>();
  const { terminal: isTerminal = false, columns = 80, rows = 24, files = {} } = options;
  const stream = (name: "out" | "err") => ({
    isTerminal,
    columns: () => columns,
    rows: () => rows,
    write: (text: string) => void (drawn[name] += text),
  });
  return {
    env,
    printed,
    complained,
    drawn,
    stdout: stream("out"),
    stderr: stream("err"),
    clock: systemClock,
    date: options.date ?? (() => Date.now()),
    readFile(path) {
      const text = files[path];
      if (text === undefined) throw new Deno.errors.NotFound("No such file");
      return text;
    },
    exists: (path) => files[path] !== undefined,
    out: (text) => void printed.push(text),
    err: (text) => void complained.push(text),
    onInterrupt(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    interrupt: () => listeners.forEach((listener) => listener()),
    get interruptible() {
      return listeners.size;
    },
  };
}

/** Everything that a terminal would have got, without colours. */
export function seen(io: FakeIo): string {
  return stripAnsiCode(
    [...io.printed, ...io.complained, io.drawn.out, io.drawn.err].join("\n"),
  );
}
