import type { VowType } from "../promises.ts";
import {
  QuarantineHolds,
  RollbackGoesBack,
  TheBadNeverServe,
  TheGoodStay,
} from "./bad_versions.ts";
import { TheEndIsClean, TheNewestServes } from "./calm.ts";
import { NothingServedIsTakenBack, TheDataFits } from "./data.ts";
import {
  EverythingHasASentence,
  OrdersAreAnswered,
  RollsAreToldToTheEnd,
  TheStateIsTold,
} from "./explanations.ts";
import { OneHostAtATime } from "./fleet.ts";
import { BackoffIsKept, CrashesAreHealed, HealingDisplacesNobody } from "./healing.ts";
import { IntentsPrecedeDeeds, SettingsSurvive, TheDiskKnowsWhoRuns } from "./memory.ts";
import { WhatWasSaidHolds } from "./policy.ts";
import { CapacityStays, NothingInFlightIsLost, OnlyTheProvenServe } from "./requests.ts";
import {
  HistoryIsWhole,
  NobodyIsForgotten,
  OneChildPerPort,
  TheLiveTargetIsNotReaped,
  ThePlannedNumber,
} from "./survival.ts";

/** Everything that liveroll promises. */
export const VOWS: readonly VowType[] = [
  OnlyTheProvenServe,
  NothingInFlightIsLost,
  CapacityStays,
  TheBadNeverServe,
  TheGoodStay,
  QuarantineHolds,
  RollbackGoesBack,
  CrashesAreHealed,
  HealingDisplacesNobody,
  BackoffIsKept,
  OneChildPerPort,
  ThePlannedNumber,
  NobodyIsForgotten,
  TheLiveTargetIsNotReaped,
  HistoryIsWhole,
  SettingsSurvive,
  IntentsPrecedeDeeds,
  TheDiskKnowsWhoRuns,
  TheStateIsTold,
  EverythingHasASentence,
  RollsAreToldToTheEnd,
  OrdersAreAnswered,
  WhatWasSaidHolds,
  OneHostAtATime,
  TheDataFits,
  NothingServedIsTakenBack,
  TheNewestServes,
  TheEndIsClean,
];
