import type { Config } from "../../config/config.ts";
import type { Operator } from "../../control/operator.ts";
import { renderMetrics } from "../../metrics/exposition.ts";
import type { Facts } from "../../metrics/facts.ts";
import { metricsOf } from "../../metrics/list.ts";
import type { Metric } from "../../metrics/metric.ts";
import { processFacts } from "../../metrics/process_facts.ts";
import { RollMetrics } from "../../metrics/roll_metrics.ts";
import { openTelemetry, type Telemetry, wantsTelemetry } from "../../metrics/telemetry.ts";
import { TrafficSeries } from "../../metrics/traffic_series.ts";
import type { Redactor } from "../../notify/redact.ts";
import { systemClock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Updater } from "../../roll/updater.ts";
import { VERSION } from "../version.ts";
import type { EngineParts } from "./engine_parts.ts";
import type { EventHub } from "./event_hub.ts";
import type { Front } from "./front.ts";
import type { State } from "./state.ts";

/** Rolls of the past among which the last good one is looked for. */
const HISTORY_LIMIT = 200;

/** What is measured. */
export interface Measured {
  config: Pick<Config, "app" | "engine">;
  updater: Updater;
  hub: EventHub;
  proxy: Pick<Front, "counters">;
  state: State;
  /** Null: versions do not run in containers. */
  containers: Pick<EngineParts, "dataProblem" | "replicas"> | null;
  redact: Redactor;
}

/** Counts what happens in a running liveroll, and tells it to whoever asks. */
export class Measurements implements Disposable {
  readonly #measured: Measured;
  readonly #counts: RollMetrics;
  readonly #metrics: readonly Metric[];
  readonly #series: TrafficSeries;
  readonly #disposables = new DisposableStack();

  constructor(measured: Measured) {
    const { config, updater, hub, proxy, state, containers } = measured;
    this.#measured = measured;
    this.#metrics = metricsOf(config.engine, { inContainers: containers !== null });
    this.#counts = new RollMetrics({
      lastCheck: () => updater.checks.last,
      date: Date.now,
      lastRollSuccessAt: lastSuccess(state),
    });
    hub.addObserver((event) => this.#counts.observe(event));
    this.#series = new TrafficSeries({ counters: () => proxy.counters, clock: systemClock });
    this.#disposables.use(this.#series).start();
  }

  /** Tells OpenTelemetry, too, if the environment asks for it. Never rejects. */
  async export(env: Readonly<Record<string, string>>, log: Log): Promise<void> {
    if (!wantsTelemetry(env)) return;
    const telemetry = await this.#openTelemetry(log);
    if (telemetry === null) return;
    this.#disposables.use(this.#measured.hub.onEvent(({ event }) => telemetry.observe(event)));
    this.#disposables.use(telemetry);
    log.info("Metrics and rolls are exported to OpenTelemetry", { event: "telemetry.on" });
  }

  /** Prometheus text. */
  metrics(): string {
    return renderMetrics(this.#metrics, this.#facts());
  }

  /** The last quarter of an hour. */
  traffic(): ReturnType<Operator["traffic"]> {
    return this.#series.picture();
  }

  [Symbol.dispose](): void {
    this.#disposables.dispose();
  }

  async #openTelemetry(log: Log): Promise<Telemetry | null> {
    const { config: { app } } = this.#measured;
    const facts = () => this.#facts();
    const sources = { app, version: VERSION, metrics: this.#metrics, facts };
    let why = "it is disabled, or not part of this executable";
    try {
      const telemetry = await openTelemetry(sources);
      if (telemetry !== null) return telemetry;
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
    }
    log.warn(`Cannot export to OpenTelemetry: ${why}`, { event: "telemetry.off" });
    return null;
  }

  #facts(): Facts {
    const {
      config,
      updater: { stage, quarantine, preferences },
      proxy,
      state,
      redact,
      containers,
    } = this.#measured;
    const { current } = stage;
    return {
      app: config.app,
      version: VERSION,
      counts: this.#counts.counts(),
      currentId: current === null ? null : redact(current.id),
      replicas: {
        wanted: current?.copies?.wanted ?? containers?.replicas ?? 0,
        well: current?.copies?.well ?? 0,
      },
      quarantined: quarantine.list().length,
      isWritable: state.journal.problem === null,
      isDataBroken: containers?.dataProblem != null,
      settings: preferences.now,
      requests: proxy.counters,
      process: processFacts(),
    };
  }
}

function lastSuccess({ records }: State): number {
  const last = records.history({ limit: HISTORY_LIMIT })
    .find(({ outcome }) => outcome === "succeeded");
  return last === undefined ? 0 : last.at + (last.durationMs ?? 0);
}
