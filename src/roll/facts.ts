import type { Checks } from "./checks.ts";
import type { Chronicle } from "./chronicle.ts";
import type { Ending } from "./ending.ts";
import type { Guard } from "./guard.ts";
import type { Preferences } from "./preferences.ts";
import type { Recovery } from "./recovery.ts";
import { refer } from "./refer.ts";
import type { Refusals } from "./refusals.ts";
import type { Rolls } from "./rolls.ts";
import type { Stage } from "./stage.ts";
import type { Facts } from "./summary.ts";
import type { TurnKeeper } from "./turn_keeper.ts";
import type { Waking } from "./waking.ts";

/** Who knows what the application's state is derived from. */
export interface FactsTools {
  stage: Pick<Stage, "current" | "remains">;
  preferences: Pick<Preferences, "now">;
  chronicle: Pick<Chronicle, "problem">;
  checks: Pick<Checks, "last" | "waiting">;
  rolls: Pick<Rolls, "to">;
  turns: Pick<TurnKeeper, "awaited">;
  refusals: Pick<Refusals, "latest">;
  recovery: Pick<Recovery, "provenId" | "crash">;
  guard: Pick<Guard, "isSick" | "onProbation">;
  ending: Pick<Ending, "hasBegun" | "isLeft">;
  waking: Pick<Waking, "waitsFor">;
}

/** What is so now. */
export function factsOf(tools: FactsTools): Facts {
  const { stage: { current, remains }, recovery, guard, checks, ending } = tools;
  const isUnwanted = current !== null && current.id !== recovery.provenId;
  const check = checks.last?.result;
  return {
    stopping: ending.hasBegun && !ending.isLeft,
    waitsFor: tools.waking.waitsFor,
    serving: current === null ? null : refer(current),
    rollingTo: tools.rolls.to,
    awaited: tools.turns.awaited,
    refused: tools.refusals.latest,
    checkProblem: check?.outcome === "failed" ? check.detail : null,
    crash: recovery.crash,
    sick: guard.isSick && !isUnwanted,
    wanted: isUnwanted ? recovery.provenId : null,
    copies: current?.copies ?? null,
    onProbation: guard.onProbation,
    waiting: checks.waiting,
    remains: remains.list.map(refer),
    waitsForRemains: remains.isWaitedFor,
    settings: tools.preferences.now,
    journalProblem: tools.chronicle.problem,
  };
}
