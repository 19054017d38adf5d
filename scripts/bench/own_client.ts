import { type Ask, HttpConnection } from "../../tests/helpers/http.ts";
import type { LoadResult } from "./load.ts";
import type { Scenario } from "./scenario.ts";
import { quantile } from "./statistics.ts";

const TIMEOUT_MS = 10_000;

/** As fast as one event loop goes: slower than wrk, so that ratios come out closer to 1. */
export async function runOwnClient(
  port: number,
  scenario: Scenario,
  seconds: number,
  signal: AbortSignal,
): Promise<LoadResult> {
  const times: number[] = [];
  let errors = 0;
  const request = requestOf(scenario);
  const began = performance.now();
  const over = () => signal.aborted || performance.now() - began > seconds * 1_000;
  const worker = async () => {
    let connection: HttpConnection | null = null;
    while (!over()) {
      const sent = performance.now();
      try {
        connection ??= await HttpConnection.connect(port);
        const { status } = await connection.ask(scenario.path, request);
        if (status < 200 || status > 399) errors++;
        else times.push(performance.now() - sent);
        if (scenario.keepAlive && connection.reusable) continue;
      } catch {
        errors++;
      }
      connection?.close();
      connection = null;
    }
    connection?.close();
  };
  await Promise.all(Array.from({ length: scenario.connections }, worker));
  signal.throwIfAborted();
  return {
    count: times.length,
    seconds: (performance.now() - began) / 1_000,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    errors,
  };
}

function requestOf({ keepAlive, uploadBytes }: Scenario): Ask {
  return {
    headers: keepAlive ? {} : { connection: "close" },
    timeoutMs: TIMEOUT_MS,
    onChunk: () => {},
    ...uploadBytes > 0 && { method: "POST", body: new Uint8Array(uploadBytes) },
  };
}
