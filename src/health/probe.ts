import type { StatusRange } from "../config/config.ts";
import type { Probe, ProbeResult } from "../roll/effects.ts";
import type { Instance } from "../roll/instance.ts";
import { explainProbeError } from "./probe_error.ts";
import { readStatus } from "./status_line.ts";

/** What is asked, and which answers are good. */
export interface HttpProbeOptions {
  /** Path and query, with a leading slash. */
  path: string;
  /** `Host` header; null: the address of the instance. */
  healthHost: string | null;
  /** Added to the port of the instance. */
  healthPortOffset: number;
  statuses: readonly StatusRange[];
  /** For the `User-Agent` header. */
  version: string;
}

/** Politeness towards servers that would log an answer cut in the middle. */
const REST_OF_ANSWER = { maxBytes: 64 * 1024, maxMs: 20 };

/**
 * A probe by HTTP, on a connection of its own for every question.
 *
 * Not by `fetch`: that keeps connections open (a server that shuts down politely would wait for
 * them), follows redirects and refuses some ports. A redirect here is an answer like any other.
 */
export function httpProbe(options: HttpProbeOptions): Probe {
  return async function probe(instance: Instance, signal: AbortSignal): Promise<ProbeResult> {
    const startedAt = performance.now();
    try {
      const status = await ask(instance, options, signal);
      if (instance.exit !== null) return { healthy: false, detail: "answered by somebody else" };
      const isGood = options.statuses.some(({ from, to }) => from <= status && status <= to);
      return isGood ? { healthy: true } : { healthy: false, detail: `status ${status}` };
    } catch (error) {
      return {
        healthy: false,
        detail: explainProbeError(error, signal, performance.now() - startedAt),
      };
    }
  };
}

async function ask(
  { host, port }: Instance,
  options: HttpProbeOptions,
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted();
  const healthPort = port + options.healthPortOffset;
  const connection = await Deno.connect({ hostname: host, port: healthPort, signal });
  const close = closeOnce(connection);
  signal.addEventListener("abort", close, { once: true });
  try {
    signal.throwIfAborted();
    await writeAll(connection, request(options, authority(host, healthPort)));
    const status = await readStatus(connection);
    await readRest(connection, close);
    return status;
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

function request({ path, healthHost, version }: HttpProbeOptions, address: string) {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${healthHost ?? address}`,
    `User-Agent: liveroll-health/${version}`,
    "Accept: */*",
    "Connection: close",
  ];
  return new TextEncoder().encode(lines.join("\r\n") + "\r\n\r\n");
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await connection.write(bytes.subarray(written));
  }
}

async function readRest(connection: Deno.Conn, close: () => void): Promise<void> {
  const timer = setTimeout(close, REST_OF_ANSWER.maxMs);
  try {
    const buffer = new Uint8Array(16 * 1024);
    for (let left = REST_OF_ANSWER.maxBytes; left > 0;) {
      const count = await connection.read(buffer);
      if (count === null) return;
      left -= count;
    }
  } catch {
    // The answer is known already.
  } finally {
    clearTimeout(timer);
  }
}

function closeOnce(connection: Deno.Conn): () => void {
  let isClosed = false;
  return () => {
    if (!isClosed) connection.close();
    isClosed = true;
  };
}

function authority(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
