import { type Behaviour, GOOD } from "./sim_world.ts";
import type { Random } from "./random.ts";

/** How a version behaves once it is started, in a world that goes on for longer. */
export interface Conduct extends Behaviour {
  /** Milliseconds until it does not answer probes any more; Infinity: it goes on. */
  sickAfterMs: number;
  /** When it ends without being asked, something of it stays and keeps the port. */
  leavesRemains: boolean;
}

/** A version without a flaw. */
export const FLAWLESS: Conduct = { ...GOOD, sickAfterMs: Infinity, leavesRemains: false };

/** A version of which nothing can be started. */
export const UNSTARTABLE: Conduct = { ...FLAWLESS, unstartable: true };

/** Draws how a version behaves; about half of those that may be bad are. */
export function conductOf(rng: Random, mayBeBad: boolean): Conduct {
  const conduct: Conduct = {
    ...FLAWLESS,
    healthyAfterMs: rng.between(5, rng.chance(0.1) ? 3_000 : 250),
    stopsInMs: rng.between(0, 800),
    leavesRemains: rng.chance(0.15),
  };
  return mayBeBad ? { ...conduct, ...flaw(rng) } : conduct;
}

function flaw(rng: Random): Partial<Conduct> {
  const kind = rng.weighted({
    none: 5,
    dies: 1,
    diesLater: 2,
    neverHealthy: 1,
    flaps: 1,
    hangs: 1,
    unstartable: 0.5,
    sick: 1,
  });
  switch (kind) {
    case "dies":
      return { livesMs: rng.between(0, 300) };
    case "diesLater":
      return { livesMs: rng.between(500, 30_000) };
    case "neverHealthy":
      return { healthyAfterMs: Infinity };
    case "flaps":
      return { flaps: rng.between(0.1, 0.9) };
    case "hangs":
      return { stopsInMs: Infinity };
    case "unstartable":
      return { unstartable: true };
    case "sick":
      return { sickAfterMs: rng.between(300, 20_000) };
    default:
      return {};
  }
}

/** It can never pass a gate. */
export function neverPasses({ healthyAfterMs, unstartable }: Conduct): boolean {
  return unstartable || healthyAfterMs === Infinity;
}
