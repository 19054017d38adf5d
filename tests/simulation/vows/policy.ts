import type { RollEvent } from "../../../src/roll/events.ts";
import type { JournalEntry } from "../../../src/roll/journal.ts";
import { Vow } from "../promises.ts";

/** These begin because the source has named something, and nobody asked. */
const BY_ITSELF: ReadonlySet<string> = new Set(["interval", "start"]);

/** Clocks are read a moment apart. */
const SLACK_MS = 10;

/**
 * Promise 5: what was said about updates holds. No version comes by itself while updates are paused,
 * another one is pinned, it is skipped, too young, or no window is open. The first one ever may.
 */
export class WhatWasSaidHolds extends Vow {
  readonly name = "P5 what was said about updates holds";
  readonly #seenAt = new Map<string, number>();

  onLifeBegins(): void {
    this.#seenAt.clear();
    for (const [id, at] of this.life.journal.memory.seen) this.#seenAt.set(id, at);
  }

  onEntry(entry: JournalEntry): void {
    if (entry.step === "version.seen") this.#seenAt.set(entry.id, entry.at);
  }

  onEvent(event: RollEvent): void {
    if (event.type !== "roll.started" || !BY_ITSELF.has(event.trigger)) return;
    const { to, from } = event;
    if (from === null || to === from) return;
    const reason = this.#reason(to);
    if (reason !== null) this.broken(`${to} is rolled to (${event.trigger}), but ${reason}`);
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
