import { configureSync, getLogger, type LogRecord, resetSync } from "@logtape/logtape";
import {
  type Format,
  journaldFormat,
  jsonFormat,
  type LogEntry,
  type Severity,
  textFormat,
} from "./log_format.ts";
import { type LogOutput, LogSink } from "./log_sink.ts";

const ROOT = "liveroll";
const LOGTAPE_LEVEL = { debug: "debug", info: "info", warn: "warning", error: "error" } as const;
const SEVERITY = {
  trace: "debug",
  debug: "debug",
  info: "info",
  warning: "warn",
  error: "error",
  fatal: "error",
} as const;

/** Facts beside a message, for example `{ event: "roll.started", port: 9101 }`. */
export type LogProperties = Readonly<Record<string, unknown>>;

/** Where a part of liveroll says what it does. No call waits, and none throws. */
export interface Log {
  debug(message: string, properties?: LogProperties): void;
  info(message: string, properties?: LogProperties): void;
  warn(message: string, properties?: LogProperties): void;
  error(message: string, properties?: LogProperties): void;
}

/** How and where the log is written. */
export interface LogOptions {
  /** The least severity that is written. */
  level: Severity;
  /** `auto`: for the journal if that is where `out` goes, else text. */
  format: "auto" | "text" | "json" | "journald";
  /** @default {Deno.stderr} */
  out?: LogOutput;
  /** @default {on a terminal, unless `NO_COLOR` is set} */
  colors?: boolean;
}

/** The log while it is configured. */
export interface LogHandle {
  /** Lines that a slow or absent reader has cost. */
  readonly dropped: number;
  /** Writes what is queued, for at most `timeoutMs`, and stops logging. */
  close(timeoutMs?: number): Promise<void>;
}

/** The log of one part; silent until {@linkcode configureLog}. */
export function getLog(name: string): Log {
  const logger = getLogger([ROOT, name]);
  const write = (severity: Severity) => (message: string, properties: LogProperties = {}) => {
    const level = LOGTAPE_LEVEL[severity];
    // Not through the methods of the same names: they would expand braces in the message.
    const text = { message: [message], rawMessage: message };
    logger.emit({ level, ...text, timestamp: Date.now(), properties });
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

/** Sends the log of all parts to `out`; replaces an earlier configuration. */
export function configureLog(options: LogOptions): LogHandle {
  const { level, out = Deno.stderr } = options;
  const format = chooseFormat(options);
  const sink = new LogSink(out, { droppedLine: (count) => format(droppedEntry(count)) });
  const write = (record: LogRecord) => sink.write(() => format(entry(record)));
  configureSync({
    reset: true,
    sinks: { out: write },
    loggers: [
      { category: ROOT, sinks: ["out"], lowestLevel: LOGTAPE_LEVEL[level] },
      { category: ["logtape", "meta"], sinks: ["out"], lowestLevel: "warning" },
    ],
  });
  return {
    get dropped() {
      return sink.dropped;
    },
    async close(timeoutMs = 1_000) {
      resetSync();
      await sink.flush(timeoutMs);
    },
  };
}

/**
 * Whether our standard error goes to the journal.
 *
 * @param journalStream The variable `JOURNAL_STREAM`: device and inode of the journal's socket. It
 * may be inherited by a process whose output goes elsewhere, hence the comparison.
 */
export function isJournal(journalStream: string | undefined): boolean {
  if (!journalStream) return false;
  try {
    const { dev, ino } = Deno.statSync("/proc/self/fd/2");
    return journalStream === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

function chooseFormat({ format, out = Deno.stderr, colors }: LogOptions): Format {
  if (format === "json") return jsonFormat;
  if (format === "journald") return journaldFormat;
  const isStderr = out === Deno.stderr;
  if (format === "auto" && isStderr && isJournal(Deno.env.get("JOURNAL_STREAM"))) {
    return journaldFormat;
  }
  const isTerminal = isStderr && Deno.stderr.isTerminal() && !Deno.env.get("NO_COLOR");
  return textFormat({ colors: colors ?? isTerminal });
}

function entry({ timestamp, level, category, message, properties }: LogRecord): LogEntry {
  const logger = category[0] === ROOT ? category.slice(1).join(".") : category.join(".");
  return { timestamp, level: SEVERITY[level], logger, message: message.join(""), properties };
}

function droppedEntry(count: number): LogEntry {
  const message = `${count} log lines dropped`;
  return {
    timestamp: Date.now(),
    level: "warn",
    logger: "log",
    message,
    properties: { event: "log.dropped", count },
  };
}
