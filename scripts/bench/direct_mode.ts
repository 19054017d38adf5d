import { startDaemon, untilReady } from "../lib/daemon.ts";
import { freePorts } from "../lib/free_ports.ts";
import { ask } from "../../tests/helpers/http.ts";
import { denoCommand } from "./backend.ts";
import type { LoadGenerator } from "./load.ts";
import { BODY, type Scenario, SCENARIOS } from "./scenario.ts";
import { median } from "./statistics.ts";
import { Subject } from "./subject.ts";

const APP = denoCommand(new URL("direct_app.ts", import.meta.url).pathname);
const READY_MS = 10_000;
const LIFETIME_SECONDS = 1_800;
/** Kept and new connections. */
const MEASURED = ["keep-64", "new-64"];

/** How often, and with what. */
export interface DirectOptions {
  /** Length of one measurement. */
  seconds: number;
  rounds: number;
  generator: LoadGenerator;
  signal: AbortSignal;
  /** Told what is going on. */
  progress(text: string): void;
}

/** An app that liveroll gave its socket to, compared with the same app alone. */
export interface DirectRow {
  title: string;
  /** Requests a second, medians. */
  alone: number;
  direct: number;
  /** Of neighbouring measurements; more is faster with liveroll. */
  ratio: { median: number; least: number; most: number };
  errors: number;
}

/** Measures both in turn: what is the same on both sides does not count. */
export async function measureDirect(
  directory: string,
  options: DirectOptions,
): Promise<DirectRow[]> {
  const [port, first, second, alone] = freePorts(4) as [number, number, number, number];
  await using _subject = await Subject.serving({
    port,
    childPorts: [first, second],
    directory,
    exec: APP,
    healthcheck: "timer:1s",
    flags: ["--engine=direct"],
  });
  await using daemon = startDaemon("sh", ["-c", APP], {
    logPath: `${directory}/alone.log`,
    env: { PORT: `${alone}`, BENCH_BODY: BODY },
    lifetimeSeconds: LIFETIME_SECONDS,
  });
  await untilReady("the app alone", daemon, READY_MS, () => answers(alone));
  const rows: DirectRow[] = [];
  for (const scenario of SCENARIOS.filter(({ id }) => MEASURED.includes(id))) {
    rows.push(await compare(scenario, { alone, direct: port }, options));
  }
  return rows;
}

async function compare(
  scenario: Scenario,
  ports: { alone: number; direct: number },
  { seconds, rounds, generator, signal, progress }: DirectOptions,
): Promise<DirectRow> {
  const rates = { alone: [] as number[], direct: [] as number[] };
  let errors = 0;
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    progress(`direct, ${scenario.id}: round ${round} of ${rounds}`);
    // In turn first and second, so that neither has the better place.
    const sides = round % 2 === 0 ? ["alone", "direct"] as const : ["direct", "alone"] as const;
    for (const side of sides) {
      const result = await generator.run(ports[side], scenario, seconds, signal);
      if (round === 0) continue;
      rates[side].push(result.count / result.seconds);
      errors += result.errors;
    }
  }
  const ratios = rates.direct.map((rate, n) => rate / rates.alone[n]!);
  return {
    title: scenario.title,
    alone: median(rates.alone),
    direct: median(rates.direct),
    ratio: { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) },
    errors,
  };
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await ask(port, "/", { timeoutMs: 1_000 })).status === 200;
  } catch {
    return false;
  }
}
