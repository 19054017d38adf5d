import type { Log, LogProperties } from "../../../src/platform/log.ts";

/** One recorded message. */
export interface Recorded {
  level: "debug" | "info" | "warn" | "error";
  message: string;
  properties: LogProperties;
}

/** A log that keeps what it hears. */
export function recordingLog(): Log & { entries: Recorded[]; messages(): string[] } {
  const entries: Recorded[] = [];
  const record =
    (level: Recorded["level"]) => (message: string, properties: LogProperties = {}) => {
      entries.push({ level, message, properties });
    };
  return {
    entries,
    messages: () => entries.map(({ message }) => message),
    debug: record("debug"),
    info: record("info"),
    warn: record("warn"),
    error: record("error"),
  };
}
