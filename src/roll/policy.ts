import type { Effects } from "./effects.ts";
import type { Obstacle, Trigger } from "./events.ts";
import type { QuarantineEntry } from "./quarantine.ts";
import type { Settings } from "./journal.ts";

/** When versions may be rolled to by themselves. */
export interface PolicyOptions {
  /** A version has to be known so long before it is rolled to; 0: at once. */
  cooldownMs: number;
  /** Tell about versions, but roll only when somebody asks. */
  notifyOnly: boolean;
}

/** What stands in the way of a version. `waitMs` null: nothing but a person can change it. */
export interface Wait {
  obstacle: Obstacle;
  detail: string;
  waitMs: number | null;
}

/** What is known of a version and of who wants it. */
export interface Candidacy {
  id: string;
  trigger: Trigger;
  /** Also what is skipped or in quarantine. */
  force: boolean;
  settings: Settings;
  /** Its entry, if it may not be tried yet. */
  quarantined: QuarantineEntry | null;
  /** A version was proven before; the first one ever need not wait for anything. */
  provenBefore: boolean;
  /** When the source named it first, milliseconds since 1970. */
  seenAt: number;
}

/** These come from people, who need not wait for windows and the like. */
const BY_PEOPLE: readonly Trigger[] = ["forced", "command", "rollback", "pin", "retry", "restart"];

/**
 * Tells what stands in the way of a version; null: it may be rolled to now. The obstacle that lasts
 * longest comes first, so that nobody waits for a window only to hear of a quarantine.
 */
export function obstacle(
  candidacy: Candidacy,
  options: PolicyOptions,
  effects: Pick<Effects, "clock" | "date" | "windows">,
): Wait | null {
  const { id, trigger, force, settings, quarantined, provenBefore } = candidacy;
  if (force) return null;
  if (settings.skipped.includes(id)) {
    return { obstacle: "skipped", detail: "somebody does not want it", waitMs: null };
  }
  if (quarantined !== null) {
    const detail = `it failed ${quarantined.failures} times: ${quarantined.detail}`;
    const waitMs = quarantined.retryAt - effects.clock.now();
    return { obstacle: "quarantined", detail, waitMs };
  }
  if (BY_PEOPLE.includes(trigger) || !provenBefore) return null;
  if (settings.pinned !== null && settings.pinned !== id) {
    return { obstacle: "pinned", detail: `${settings.pinned} is pinned`, waitMs: null };
  }
  if (settings.paused) return { obstacle: "paused", detail: "updates are paused", waitMs: null };
  return byOptions(candidacy, options, effects);
}

function byOptions(
  { seenAt }: Candidacy,
  { cooldownMs, notifyOnly }: PolicyOptions,
  { date, windows }: Pick<Effects, "date" | "windows">,
): Wait | null {
  if (notifyOnly) {
    const detail = "versions are only told about; liveroll update rolls to it";
    return { obstacle: "notify_only", detail, waitMs: null };
  }
  const now = date();
  // A clock that was set back must not make a version wait longer than it should.
  const coolsMs = Math.min(seenAt + cooldownMs - now, cooldownMs);
  if (coolsMs > 0) {
    const detail = "it is not old enough";
    return { obstacle: "cooldown", detail, waitMs: coolsMs };
  }
  const opensMs = windows.openAt(now) - now;
  if (opensMs > 0) return { obstacle: "window", detail: "no window is open", waitMs: opensMs };
  return null;
}
