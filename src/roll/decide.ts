/** Everything the updater weighs when it asks itself what to do next. Times are monotonic. */
export interface Situation {
  now: number;
  stopping: boolean;
  /** Somebody else may go on from here: nothing is begun but what serving itself needs. */
  suspended: boolean;
  /** Two versions may not run side by side: starts wait for each other. */
  exclusive: boolean;
  /** An instance serves. */
  serving: boolean;
  /** It serves, but it is not well. */
  sick: boolean;
  /** A version has been proven in this life, so that a crash can be healed without the source. */
  provenBefore: boolean;
  /** When a crashed version is due to be started again; null when nothing has crashed. */
  healAt: number | null;
  healing: boolean;
  rolling: boolean;
  /** It waits for other hosts, and has changed nothing so far. */
  waitsForTurn: boolean;
  checking: boolean;
  /** From when on the version that was found may be rolled to; null when none waits. */
  foundAt: number | null;
  /** Somebody wants a check now. */
  checkWished: boolean;
  /** Checks are made without being asked for. */
  checksByItself: boolean;
  restartRequested: boolean;
  nextCheckAt: number;
}

/** The next thing to do. `wait` ends at `until` or when anything happens. */
export type Decision =
  | { do: "stop" }
  | { do: "heal" | "roll" | "restart" | "check" }
  /** Whoever waits for other hosts begins again later. */
  | { do: "give_way" }
  | { do: "wait"; until: number };

/**
 * The order of importance: stopping, then serving at all (healing a crash), then serving the newest
 * version. Healing never waits for a source, so a dead registry cannot keep an application down.
 */
export function decide(s: Situation): Decision {
  if (s.stopping) return { do: "stop" };
  const needsHelp = (!s.serving || s.sick) && s.provenBefore && !s.healing;
  const mayHeal = needsHelp && !(s.exclusive && s.rolling);
  if (mayHeal && s.healAt !== null && s.healAt <= s.now) return { do: "heal" };
  if (s.suspended) return { do: "wait", until: mayHeal ? s.healAt ?? Infinity : Infinity };
  if (s.waitsForTurn && isMoreUrgent(s, needsHelp)) return { do: "give_way" };
  const mayRoll = !s.rolling && !(s.exclusive && s.healing);
  const isFoundDue = s.foundAt !== null && s.foundAt <= s.now;
  if (mayRoll && isFoundDue) return { do: "roll" };
  if (mayRoll && s.restartRequested && s.provenBefore && !s.healing) return { do: "restart" };
  const mayCheck = !s.checking && !s.rolling && !isFoundDue;
  const checkAt = s.checksByItself ? s.nextCheckAt : Infinity;
  if (mayCheck && (s.checkWished || checkAt <= s.now)) return { do: "check" };
  return {
    do: "wait",
    until: Math.min(
      mayCheck ? checkAt : Infinity,
      mayHeal || (needsHelp && s.waitsForTurn) ? s.healAt ?? Infinity : Infinity,
      mayRoll ? s.foundAt ?? Infinity : Infinity,
    ),
  };
}

/** Something can be done now that should not wait for other hosts. */
function isMoreUrgent(s: Situation, needsHelp: boolean): boolean {
  const isHealDue = needsHelp && s.healAt !== null && s.healAt <= s.now;
  const isFoundDue = s.foundAt !== null && s.foundAt <= s.now;
  const isRestartDue = s.restartRequested && s.provenBefore && !s.healing;
  return isHealDue || isFoundDue || isRestartDue || (s.checkWished && !s.checking);
}
