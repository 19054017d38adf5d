import type { AuditRecord } from "./registry.ts";

/** An audit record as it is written beside a release. */
export interface AuditText {
  /** One line; what happened, and why it failed if it did. */
  readonly text: string;
  /** Name of the file; the same for the same host, command, time and outcome. */
  readonly fileName: string;
}

/**
 * Renders an audit record: `shipped to HOST COMMAND at TIME`, in UTC and with nanoseconds. The name
 * of the file is that text with underscores for spaces and for everything else that could change
 * where a file ends up. A failure reads `failed to ship to HOST COMMAND at TIME: REASON`; the
 * reason is no part of the name.
 */
export function auditText({ host, command, at, error }: AuditRecord): AuditText {
  const deed = error === null ? "shipped" : "failed to ship";
  const head = `${deed} to ${host.toLowerCase()} ${command} at ${utcNanoseconds(at)}`;
  return {
    text: error === null ? head : `${head}: ${error.replace(/\s+/g, " ").trim()}`,
    fileName: `${head.replace(/[^A-Za-z0-9._-]/g, "_")}.txt`,
  };
}

/** `20260131T235959.123456000Z`. */
function utcNanoseconds(at: number): string {
  const ms = Math.floor(at);
  const beyond = Math.floor((at - ms) * 1e6);
  const [seconds = "", thousandths = ""] = new Date(ms).toISOString().split(/[.Z]/);
  return `${seconds.replace(/[-:]/g, "")}.${thousandths}${String(beyond).padStart(6, "0")}Z`;
}
