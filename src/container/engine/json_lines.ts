import { LineSplitter } from "../../platform/lines.ts";
import { EngineUnreachableError } from "./engine_error.ts";
import { Members } from "./members.ts";

/** A container with all its labels fits. */
const MAX_LINE_BYTES = 1024 * 1024;

/**
 * The objects that arrive one a line; empty lines are none.
 *
 * @throws {EngineUnreachableError} When something else arrives: it broke off, or is no engine.
 * @throws What reading throws.
 */
export async function* jsonLines(
  pieces: AsyncIterable<Uint8Array>,
  maxLineBytes: number = MAX_LINE_BYTES,
): AsyncGenerator<Members> {
  const splitter = new LineSplitter(maxLineBytes);
  for await (const piece of pieces) yield* parsed(splitter.push(piece));
  yield* parsed(splitter.end());
}

function* parsed(lines: Iterable<string>): Generator<Members> {
  for (const line of lines) {
    if (line.trim() === "") continue;
    try {
      yield new Members(JSON.parse(line));
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      const message = "the engine's answer broke off in the middle of a line";
      throw new EngineUnreachableError(message, "broken", { cause });
    }
  }
}
