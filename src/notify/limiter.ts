import type { Clock } from "../platform/clock.ts";
import type { Notification, Trouble } from "./notification.ts";

/** So many equal errors are told. */
const MOST = 3;

/** So many recoveries of one trouble are told at once; later ones have to last. */
const MOST_RECOVERIES = 3;

/** A trouble that stays away for so long is over; what comes later is a new one. */
const CALM_MS = 60_000;

/** Versions whose first sight is remembered; the oldest is forgotten first. */
const MAX_GISTS = 200;

/** Says more than what it says itself from now on. */
const ONCE: readonly Notification["event"][] = ["crash_loop"];

/** One kind of trouble. */
interface State {
  /** How often each gist was raised since people were told that all is well. */
  readonly counts: Map<string, number>;
  isOpen: boolean;
  /** Recoveries that were told without a calm in between. */
  recoveries: number;
  /** Monotonic. */
  endedAt: number;
  /** Ends the wait for a calm. */
  waiting: { readonly recovery: Notification; readonly over: AbortController } | null;
}

/**
 * Keeps one lasting or flapping trouble from being told for ever.
 *
 * Equal errors are told three times, then not until the recovery. A recovery is always told if the
 * trouble was: at once, or once it has lasted a minute if the trouble keeps coming back.
 */
export class Limiter {
  readonly #clock: Clock;
  readonly #tell: (notification: Notification) => void;
  readonly #troubles = new Map<Trouble, State>();
  readonly #gists = new Set<string>();

  constructor(clock: Clock, tell: (notification: Notification) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Tells it now, later or never. */
  take(notification: Notification): void {
    const { raises, ends, gist } = notification;
    if (raises !== null) return this.#raise(notification, raises);
    if (ends !== null) return this.#end(notification, ends);
    if (gist === null || this.#isNew(`${notification.event} ${gist}`)) this.#tell(notification);
  }

  /** Tells the recoveries that wait for a calm: nothing comes any more. */
  flush(): void {
    for (const state of this.#troubles.values()) {
      const { waiting } = state;
      waiting?.over.abort();
      if (waiting !== null) this.#recovered(state, waiting.recovery);
    }
  }

  #raise(notification: Notification, trouble: Trouble): void {
    const { event, gist } = notification;
    const state = this.#reopened(trouble);
    const key = `${event} ${gist ?? ""}`;
    const count = (state.counts.get(key) ?? 0) + 1;
    // Ids that change at every check must not fill the memory, nor anybody's mailbox.
    if (count === 1 && state.counts.size >= MAX_GISTS) return;
    state.counts.set(key, count);
    const most = ONCE.includes(event) ? 1 : MOST;
    if (count > most) return;
    const note = "This is not told again until it is over.";
    const text = count < most ? notification.text : [...notification.text, note];
    this.#tell({ ...notification, text });
  }

  #reopened(trouble: Trouble): State {
    const state = this.#troubles.get(trouble) ?? fresh();
    this.#troubles.set(trouble, state);
    if (!state.isOpen && this.#clock.now() - state.endedAt >= CALM_MS) state.recoveries = 0;
    state.isOpen = true;
    state.waiting?.over.abort();
    state.waiting = null;
    return state;
  }

  #end(notification: Notification, trouble: Trouble): void {
    const state = this.#troubles.get(trouble);
    if (notification.event !== "recovered") {
      // It speaks for itself.
      state?.waiting?.over.abort();
      this.#troubles.delete(trouble);
      return this.#tell(notification);
    }
    if (!state?.isOpen) return;
    state.isOpen = false;
    state.endedAt = this.#clock.now();
    if (state.recoveries < MOST_RECOVERIES) this.#recovered(state, notification);
    else this.#waitForCalm(state, notification);
  }

  #recovered(state: State, notification: Notification): void {
    state.waiting = null;
    state.recoveries++;
    state.counts.clear();
    this.#tell(notification);
  }

  #waitForCalm(state: State, recovery: Notification): void {
    const over = new AbortController();
    state.waiting = { recovery, over };
    this.#clock.sleep(CALM_MS, over.signal)
      .then(() => {
        if (state.waiting?.over !== over) return;
        this.#recovered(state, recovery);
        state.recoveries = 0;
      }, () => {});
  }

  #isNew(gist: string): boolean {
    if (this.#gists.has(gist)) return false;
    this.#gists.add(gist);
    if (this.#gists.size > MAX_GISTS) this.#gists.delete(this.#gists.values().next().value!);
    return true;
  }
}

function fresh(): State {
  return { counts: new Map(), isOpen: true, recoveries: 0, endedAt: 0, waiting: null };
}
