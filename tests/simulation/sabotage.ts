import type { Effects, Traffic } from "../../src/roll/effects.ts";
import type { Instance } from "../../src/roll/instance.ts";
import type { RollEvent } from "../../src/roll/events.ts";
import type { Journal, JournalEntry } from "../../src/roll/journal.ts";
import type { Life, Sabotage } from "./life.ts";

/** Changes what the proxy does. */
export function withTraffic(change: (traffic: Traffic, life: Life) => Partial<Traffic>): Sabotage {
  return ({ traffic, ...effects }, life) => ({
    ...effects,
    traffic: {
      switchTo: (instance: Instance) => traffic.switchTo(instance),
      withdraw: (instance) => traffic.withdraw(instance),
      hold: (isHeld) => traffic.hold(isHeld),
      maintenance: (message) => traffic.maintenance(message),
      drain: (...args) => traffic.drain(...args),
      close: (...args) => traffic.close(...args),
      ...change(traffic, life),
    },
  });
}

/**
 * Changes what is told.
 *
 * @param change What is told in the place of an event; null: nothing.
 */
export function onEvents(
  change: (event: RollEvent, effects: Effects, life: Life) => RollEvent | null,
): Sabotage {
  return (effects, life) => ({
    ...effects,
    observe: (event) => {
      const told = change(event, effects, life);
      if (told !== null) effects.observe(told);
    },
  });
}

/** Confirms some entries of the journal without writing them. */
export function withoutEntries(isLost: (entry: JournalEntry) => boolean): Sabotage {
  return ({ journal, ...effects }) => ({
    ...effects,
    journal: {
      memory: journal.memory,
      write: (entry) => isLost(entry) ? Promise.resolve() : journal.write(entry),
      hasServed: (id) => journal.hasServed(id),
    } satisfies Journal,
  });
}
