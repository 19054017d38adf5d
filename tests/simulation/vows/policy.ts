import type { RollEvent } from "../../../src/roll/events.ts";
import type { JournalEntry } from "../../../src/roll/journal.ts";
import { Vow } from "../promises.ts";

/** These begin because the source has named something, and nobody asked. */
const BY_ITSELF: ReadonlySet<string> = new Set(["interval", "start"]);

/** These bring back what served. */
const BACK: ReadonlySet<string> = new Set(["crash", "liveness", "restart", "automatic-rollback"]);

/** Clocks are read a moment apart. */
const SLACK_MS = 10;

/**
 * Promise 5: what was said about updates holds. No version comes by itself while updates are paused,
 * another one is pinned, it is skipped, too young, or no window is open. The first one ever may. And
 * what somebody skips on its way does not come to serve.
 */
export class WhatWasSaidHolds extends Vow {
  readonly name = "P5 what was said about updates holds";
  readonly #seenAt = new Map<string, number>();
  /** Rolls that take something new to the front. */
  readonly #forth = new Map<number, string>();
  /** When a version was skipped that was on its way, by its roll. */
  readonly #skippedAt = new Map<number, number>();

  onLifeBegins(): void {
    this.#skippedAt.clear();
    this.#forth.clear();
    this.#seenAt.clear();
    for (const [id, at] of this.life.journal.memory.seen) this.#seenAt.set(id, at);
  }

  onEntry(entry: JournalEntry): void {
    if (entry.step === "version.seen") this.#seenAt.set(entry.id, entry.at);
  }

  onEvent(event: RollEvent): void {
    if (event.type === "setting" && event.what === "skipped") {
      for (const [roll, id] of this.#forth) {
        if (id === event.detail) this.#skippedAt.set(roll, this.scene.machine.date());
      }
    } else if (event.type === "roll.switched") this.#onSwitched(event.roll, event.instance.id);
    else if (event.type === "roll.started") this.#onStarted(event);
  }

  #onStarted({ roll, trigger, to, from }: Extract<RollEvent, { type: "roll.started" }>): void {
    if (to !== from && !BACK.has(trigger)) this.#forth.set(roll, to);
    if (!BY_ITSELF.has(trigger) || from === null || to === from) return;
    const reason = this.#reason(to);
    if (reason !== null) this.broken(`${to} is rolled to (${trigger}), but ${reason}`);
  }

  #onSwitched(roll: number, id: string): void {
    const at = this.#skippedAt.get(roll);
    // Both may happen in the same moment.
    if (at !== undefined && at < this.scene.machine.date()) {
      this.broken(`${id} serves by roll ${roll}, but it was skipped on its way`);
    }
    this.#forth.delete(roll);
  }

  #reason(id: string): string | null {
    const { paused, pinned, skipped } = this.life.updater.preferences.now;
    const { window, updater } = this.scene.plan.setup;
    const date = this.scene.machine.date();
    if (paused) return "updates are paused";
    if (pinned !== null && pinned !== id) return `${pinned} is pinned`;
    if (skipped.includes(id)) return "it is skipped";
    if (updater.notifyOnly) return "versions should only be told about";
    const ageMs = date - (this.#seenAt.get(id) ?? date);
    // A clock that was set back makes nobody younger.
    if (ageMs >= 0 && ageMs < updater.cooldownMs - SLACK_MS) return `it is ${ageMs} ms old`;
    if (window !== null && date % window.periodMs > window.openMs + SLACK_MS) {
      return "no window is open";
    }
    return null;
  }
}
