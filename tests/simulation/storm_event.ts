import { type Conduct, conductOf } from "./conduct.ts";
import type { Random } from "./random.ts";

/** Something that happens to the world, or that somebody asks for. `version` is a number to pick by. */
export type StormEvent =
  & { readonly at: number }
  & (
    | { what: "publish"; conduct: Conduct }
    /** One of those that live is killed. */
    | { what: "crash"; who: number }
    /** It does not answer for a while. */
    | { what: "sicken"; who: number; forMs: number }
    /** Somebody else takes a port; `snipes`: the one that is wanted next, a moment before. */
    | { what: "stranger"; who: number; forMs: number; snipes: boolean }
    | { what: "registry"; how: "down" | "hanging"; forMs: number }
    | { what: "disk"; forMs: number }
    | { what: "hooks"; how: "failing" | "hanging"; forMs: number }
    /** The wall clock jumps. */
    | { what: "jump"; byMs: number }
    | { what: "HUP" | "USR2" }
    | { what: "update"; version: number | null; force: boolean; by: "command" | "webhook" }
    | { what: "rollback"; version: number | null }
    | { what: "retry" | "pause" | "resume" | "hold" | "release" | "unpin" }
    | { what: "pin" | "skip"; version: number }
    | { what: "maintenance"; message: string | null }
    | FleetEvent
  );

/** Something that concerns several hosts. */
type FleetEvent =
  /** Another host rolls to the newest version as soon as it may. */
  | { what: "other host"; forMs: number; fails: boolean }
  | { what: "fleet store"; forMs: number }
  /** The server forgets who has the turn. */
  | { what: "lost turn" };

/** What is done by people. */
export type StormKind = StormEvent["what"];

const WEIGHTS: Readonly<Record<Exclude<StormKind, FleetEvent["what"]>, number>> = {
  publish: 8,
  crash: 5,
  sicken: 2,
  stranger: 2,
  registry: 2,
  disk: 2,
  hooks: 1,
  jump: 1,
  HUP: 1.5,
  USR2: 1,
  update: 3,
  rollback: 2.5,
  retry: 1,
  pause: 0.7,
  resume: 1,
  hold: 0.7,
  release: 1,
  unpin: 1,
  pin: 1,
  skip: 1,
  maintenance: 1,
};

/** Draws what happens to several hosts at a time. */
export function fleetEvent(rng: Random, at: number): StormEvent {
  const what = rng.weighted({ "other host": 6, "fleet store": 2, "lost turn": 1 });
  const forMs = rng.next() ** 2 * 30_000;
  if (what === "other host") return { at, what, forMs, fails: rng.chance(0.3) };
  return what === "lost turn" ? { at, what } : { at, what, forMs };
}

/** Draws what happens at a time. */
export function stormEvent(rng: Random, at: number): StormEvent {
  const what = rng.weighted(WEIGHTS);
  const forMs = rng.next() ** 2 * 30_000;
  const version = rng.whole(0, 9);
  switch (what) {
    case "publish":
      return { at, what, conduct: conductOf(rng, true) };
    case "crash":
      return { at, what, who: rng.whole(0, 1) };
    case "sicken":
      return { at, what, who: rng.whole(0, 1), forMs };
    case "stranger":
      return { at, what, who: rng.whole(0, 1), forMs, snipes: rng.chance(0.3) };
    case "registry":
      return { at, what, how: rng.pick(["down", "hanging"]), forMs };
    case "hooks":
      return { at, what, how: rng.pick(["failing", "hanging"]), forMs };
    case "disk":
      return { at, what, forMs };
    case "jump":
      return { at, what, byMs: rng.pick([-1, 1]) * rng.pick([90_000, 7_200_000, 172_800_000]) };
    case "update": {
      const by = rng.pick(["command", "command", "webhook"] as const);
      const named = by === "command" && rng.chance(0.5) ? version : null;
      return { at, what, version: named, force: rng.chance(0.4), by };
    }
    case "rollback":
      return { at, what, version: rng.chance(0.3) ? version : null };
    case "pin":
    case "skip":
      return { at, what, version };
    case "maintenance":
      return { at, what, message: rng.chance(0.5) ? "back soon" : null };
    default:
      return { at, what };
  }
}
