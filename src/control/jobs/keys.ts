import type { Operator } from "../operator.ts";
import { Problem, shown } from "../problem.ts";

/** Keys that are remembered; the oldest is forgotten first. */
const MAX_KEYS = 100;

const MAX_LENGTH = 200;

/** Of one liveroll, whatever door its callers come through. */
const KEYS = new WeakMap<Operator, Keys>();

interface Use {
  readonly target: string;
  /** Number of its roll. */
  readonly job: Promise<number>;
}

/** What callers named with an `Idempotency-Key`, in this life of liveroll. */
export class Keys {
  readonly #uses = new Map<string, Use>();

  /** The keys of `operator`. */
  static of(operator: Operator): Keys {
    const keys = KEYS.get(operator) ?? new Keys();
    KEYS.set(operator, keys);
    return keys;
  }

  /** The job that was begun with `key`; null: none was. @throws {Problem} For another target. */
  find(key: string, target: string): Promise<number> | null {
    const use = this.#uses.get(key);
    if (use === undefined) return null;
    if (use.target === target) return use.job;
    const detail = `The Idempotency-Key ${
      shown(key)
    } was used for ${use.target}, not for ${target}`;
    throw new Problem("conflict", `${detail}: choose another one`);
  }

  /** Remembers `job`, unless it comes to nothing. */
  keep(key: string, target: string, job: Promise<number>): void {
    this.#uses.set(key, { target, job });
    job.catch(() => this.#uses.delete(key));
    if (this.#uses.size > MAX_KEYS) this.#uses.delete(this.#uses.keys().next().value!);
  }
}

/** The key that a request comes with; null: none. @throws {Problem} When it cannot be one. */
export function keyOf(request: Request): string | null {
  const key = request.headers.get("idempotency-key");
  if (key === null || (key.length >= 1 && key.length <= MAX_LENGTH)) return key;
  const detail = `The Idempotency-Key has ${key.length} characters, not 1 to ${MAX_LENGTH}`;
  throw new Problem("bad_request", detail);
}
