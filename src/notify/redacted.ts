import type { Log } from "../platform/log.ts";
import { type Source, SourceError } from "../roll/effects.ts";
import type { Journal, JournalEntry } from "../roll/journal.ts";
import type { Turn, Turns } from "../roll/turns.ts";
import { type Redactor, redactTexts } from "./redact.ts";

/** A journal that keeps no secrets. Ids and tokens, by which things are found again, stay. */
export function redactedJournal(journal: Journal, redact: Redactor): Journal {
  return {
    get memory() {
      return journal.memory;
    },
    write: (entry: JournalEntry) => journal.write(redactTexts(entry, redact)),
    hasServed: (id) => journal.hasServed(id),
  };
}

/** A source whose complaints show no secrets; the id that it names stays. */
export function redactedSource(source: Source, redact: Redactor): Source {
  return {
    async latest(signal, running) {
      try {
        return await source.latest(signal, running);
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        throw new SourceError(error.step, redact(error.message));
      }
    },
    idle: () => source.idle(),
  };
}

/** Turns that tell other hosts no secrets. */
export function redactedTurns(turns: Turns, redact: Redactor): Turns {
  const redacted = (turn: Turn): Turn => ({
    lost: turn.lost,
    end: (end) => turn.end(redactTexts(end, redact)),
  });
  return {
    async take(wish, signal) {
      const answer = await turns.take(wish, signal);
      if (answer.outcome === "stopped") return answer;
      return { outcome: "granted", turn: redacted(answer.turn) };
    },
    without: (version) => redacted(turns.without(version)),
  };
}

/** A log whose messages show no secrets. */
export function redactedLog(log: Log, redact: Redactor): Log {
  return {
    debug: (message, properties) => log.debug(redact(message), properties),
    info: (message, properties) => log.info(redact(message), properties),
    warn: (message, properties) => log.warn(redact(message), properties),
    error: (message, properties) => log.error(redact(message), properties),
  };
}
