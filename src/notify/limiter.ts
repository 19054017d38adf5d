import type { Notification } from "./notification.ts";

/** So many errors of one kind in a row are told. */
const MOST = 3;

/** Keeps one lasting trouble from being told for ever; a recovery is told if the trouble was. */
export class Limiter {
  readonly #told = new Map<string, number>();
  readonly #found = new Set<string>();

  /** @returns What to tell, or null. */
  pass(notification: Notification): Notification | null {
    const { trouble, importance, event, message } = notification;
    if (event === "found") return this.#isNew(message) ? notification : null;
    if (trouble === null) return notification;
    const count = this.#told.get(trouble) ?? 0;
    if (importance === "recovery") {
      this.#told.delete(trouble);
      return count > 0 ? notification : null;
    }
    this.#told.set(trouble, count + 1);
    if (count + 1 > MOST) return null;
    if (count + 1 < MOST) return notification;
    return {
      ...notification,
      message: `${message}\n(the same is not told again until it is over)`,
    };
  }

  #isNew(message: string): boolean {
    if (this.#found.has(message)) return false;
    if (this.#found.size > 100) this.#found.clear();
    this.#found.add(message);
    return true;
  }
}
