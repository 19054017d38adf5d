import { Counts } from "./counts.ts";
import type { Setup } from "./plan.ts";
import { ProcessTable } from "./process_table.ts";
import { Random } from "./random.ts";
import { Registry } from "./registry.ts";
import { SimClock } from "./sim_clock.ts";
import { SimFleet } from "./sim_fleet.ts";
import { SimData } from "./sim_data.ts";
import { SimDisk } from "./sim_disk.ts";
import type { SimTraffic } from "./sim_traffic.ts";
import { Trace } from "./trace.ts";

/** Some day in 2026. */
const EPOCH = 1_780_000_000_000;

/** What of the weather is not a matter of one part alone. */
export interface Weather {
  hooks: "working" | "failing" | "hanging";
  /** Nothing goes wrong by itself any more. */
  isCalm: boolean;
  /** Whoever is started next finds its port taken, for so long; null: nobody does. */
  sniperMs: number | null;
  /** What the wall clock is ahead of the true time. */
  wallMs: number;
}

/** Everything that outlives a liveroll: the machine, its disk, its processes, and the registry. */
export class Machine {
  readonly clock = new SimClock();
  readonly processes = new ProcessTable(this.clock);
  readonly disk = new SimDisk();
  readonly registry = new Registry();
  readonly fleet = new SimFleet(this.clock);
  readonly data = new SimData();
  readonly counts = new Counts();
  readonly trace = new Trace(() => this.clock.now());
  readonly weather: Weather = { hooks: "working", isCalm: false, sniperMs: null, wallMs: 0 };
  /** When the liveroll that lives now was started. */
  lifeBegan = 0;
  /** Instances that are started now can live without liveroll. */
  outlives: boolean;
  /** The proxy of the liveroll that lives now; null: none does. */
  traffic: SimTraffic | null = null;
  readonly #tokens: Random;

  constructor(readonly seed: number, readonly setup: Setup) {
    this.outlives = setup.outlives;
    this.#tokens = Random.of(seed, "tokens");
  }

  /** Milliseconds since 1970, as the wall clock has it. */
  date(): number {
    return EPOCH + Math.floor(this.clock.now()) + this.weather.wallMs;
  }

  newToken(): string {
    return `token${this.#tokens.next()}`;
  }
}
