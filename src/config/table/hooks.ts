import { command, duration } from "../../values/kinds.ts";
import type { Option } from "../option.ts";

/** What is run around a roll. */
export const HOOKS = {
  "before-hook": {
    group: "Hooks",
    kind: command,
    default: null,
    help: "is run before another version is started; if it fails, that version is refused",
    remark: "all hooks are told by LIVEROLL_ROLL_ID, _FROM_ID, _TO_ID, _PORT, _PHASE, _OUTCOME, " +
      "_TRIGGER and _RELEASE_DIR in their environment",
  },
  "after-hook": {
    group: "Hooks",
    kind: command,
    default: null,
    help: "is run after the switch to another version; its failure is only told",
  },
  "on-failure-hook": {
    group: "Hooks",
    kind: command,
    default: null,
    help: "is run when a version was refused or rolled back from",
  },
  "hook-timeout": {
    group: "Hooks",
    kind: duration(),
    default: "1m",
    help: "time that a hook may take",
  },
} as const satisfies Record<string, Option>;
