import { DataWork } from "../../src/data/data_work.ts";
import { Announcer } from "../../src/roll/announcer.ts";
import { Checker } from "../../src/roll/checker.ts";
import { ProvenVersions } from "../../src/roll/proven_versions.ts";
import { Quarantine } from "../../src/roll/quarantine.ts";
import { Recovery } from "../../src/roll/recovery.ts";
import { Requests } from "../../src/roll/requests.ts";
import { RestartPolicy } from "../../src/roll/restart_policy.ts";
import { Rolls } from "../../src/roll/rolls.ts";
import { Stage } from "../../src/roll/stage.ts";
import type { Sabotage } from "./life.ts";
import { type Patch, patched } from "./patch.ts";
import type { VowType } from "./promises.ts";
import { onEvents, withoutEntries, withTraffic } from "./sabotage.ts";
import {
  QuarantineHolds,
  RollbackGoesBack,
  TheBadNeverServe,
  TheGoodStay,
} from "./vows/bad_versions.ts";
import { TheEndIsClean, TheNewestServes } from "./vows/calm.ts";
import {
  EverythingHasASentence,
  OrdersAreAnswered,
  RollsAreToldToTheEnd,
  TheStateIsTold,
} from "./vows/explanations.ts";
import { NothingServedIsTakenBack, TheDataFits } from "./vows/data.ts";
import { OneHostAtATime } from "./vows/fleet.ts";
import { BackoffIsKept, CrashesAreHealed, HealingDisplacesNobody } from "./vows/healing.ts";
import { IntentsPrecedeDeeds, SettingsSurvive, TheDiskKnowsWhoRuns } from "./vows/memory.ts";
import { WhatWasSaidHolds } from "./vows/policy.ts";
import { CapacityStays, NothingInFlightIsLost, OnlyTheProvenServe } from "./vows/requests.ts";
import {
  HistoryIsWhole,
  NobodyIsForgotten,
  OneChildPerPort,
  TheLiveTargetIsNotReaped,
  ThePlannedNumber,
} from "./vows/survival.ts";

/** A mistake that somebody could make, and the vow that has to notice it. */
export interface PlantedBug {
  readonly what: string;
  readonly vow: VowType;
  /** Between liveroll and the world. */
  readonly sabotage?: Sabotage;
  /** In liveroll itself. */
  readonly patches?: () => Patch[];
}

/** At least one for each vow. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    what: "every answer counts as healthy",
    vow: OnlyTheProvenServe,
    sabotage: (effects) => ({ ...effects, probe: () => Promise.resolve({ healthy: true }) }),
  },
  {
    what: "nothing is drained",
    vow: NothingInFlightIsLost,
    sabotage: withTraffic(() => ({ drain: () => Promise.resolve({ finished: 0, cut: 0 }) })),
  },
  {
    what: "the old one goes before the new one comes",
    vow: CapacityStays,
    sabotage: withTraffic((traffic, life) => ({
      switchTo: (instance) => {
        const { current } = life.updater.stage;
        if (current !== null) traffic.withdraw(current);
        traffic.switchTo(instance);
      },
    })),
  },
  {
    what: "who does not answer is taken for well",
    vow: TheBadNeverServe,
    sabotage: (effects) => ({ ...effects, probe: () => Promise.resolve({ healthy: true }) }),
  },
  {
    what: "a refusal takes down who serves",
    vow: TheGoodStay,
    sabotage: onEvents((event, effects, life) => {
      const { current } = life.updater.stage;
      if (event.type === "roll.failed" && current) effects.traffic.withdraw(current);
      return event;
    }),
  },
  {
    what: "quarantine holds nobody",
    vow: QuarantineHolds,
    patches: () => [patched(Quarantine.prototype, "blocks", () => () => null)],
  },
  {
    what: "a rollback goes back one version too far",
    vow: RollbackGoesBack,
    patches: () => [
      patched(ProvenVersions.prototype, "newest", (newest) =>
        function (this: ProvenVersions) {
          const id = newest.call(this);
          return this.before([id]) ?? id;
        }),
    ],
  },
  {
    what: "what has crashed is forgotten",
    vow: CrashesAreHealed,
    patches: () => [
      patched(
        Recovery.prototype,
        "crashed",
        () => () => ({ crashes: 1, waitMs: 0, crashLoop: false }),
      ),
      patched(Recovery.prototype, "wanted", () => () => {}),
    ],
  },
  {
    what: "a healing goes on when something newer serves",
    vow: HealingDisplacesNobody,
    patches: () => [patched(Recovery.prototype, "supersede", () => () => {})],
  },
  {
    what: "there is no back-off",
    vow: BackoffIsKept,
    patches: () => [
      patched(
        RestartPolicy.prototype,
        "crashed",
        (crashed) =>
          function (this: RestartPolicy, servedMs: number) {
            return { ...crashed.call(this, servedMs), waitMs: 0 };
          },
      ),
    ],
  },
  {
    what: "nobody looks whether a port is free",
    vow: OneChildPerPort,
    sabotage: ({ runtime, ...effects }) => ({
      ...effects,
      runtime: {
        ...runtime,
        find: () => Promise.resolve(null),
        portHolder: () => Promise.resolve(null),
      },
    }),
  },
  {
    what: "two versions run side by side that may not",
    vow: ThePlannedNumber,
    patches: () => [patched(Stage.prototype, "vacate", () => () => Promise.resolve())],
  },
  {
    what: "what a former life has left is not looked for",
    vow: NobodyIsForgotten,
    sabotage: ({ runtime, ...effects }) => ({
      ...effects,
      runtime: { ...runtime, find: () => Promise.resolve(null) },
    }),
  },
  {
    what: "who serves is stopped in place of who leaves",
    vow: TheLiveTargetIsNotReaped,
    sabotage: withTraffic((traffic, life) => ({
      drain: async (instance, timeoutMs, signal) => {
        const report = await traffic.drain(instance, timeoutMs, signal);
        life.updater.stage.current?.stop();
        return report;
      },
    })),
  },
  {
    what: "rolls that were interrupted have no end",
    vow: HistoryIsWhole,
    sabotage: withoutEntries((entry) =>
      entry.step === "roll.ended" && entry.outcome === "interrupted"
    ),
  },
  {
    what: "the number of the last roll is forgotten",
    vow: HistoryIsWhole,
    sabotage: ({ journal, ...effects }) => ({
      ...effects,
      journal: {
        memory: { ...journal.memory, lastRoll: 0 },
        write: (entry) => journal.write(entry),
        hasServed: (id) => journal.hasServed(id),
      },
    }),
  },
  {
    what: "settings are confirmed before they are durable",
    vow: SettingsSurvive,
    sabotage: withoutEntries(({ step }) => step === "settings.changed"),
  },
  {
    what: "who has to stop is not written down",
    vow: IntentsPrecedeDeeds,
    sabotage: withoutEntries(({ step }) => step === "stop.intended"),
  },
  {
    what: "it is not written down who is gone",
    vow: TheDiskKnowsWhoRuns,
    sabotage: withoutEntries(({ step }) => step === "instance.gone"),
  },
  {
    what: "nobody is told that nothing serves",
    vow: TheStateIsTold,
    patches: () => [
      patched(
        Announcer.prototype,
        "announce",
        (announce) =>
          function (this: Announcer, summary: Parameters<Announcer["announce"]>[0]) {
            if (summary.state !== "degraded") announce.call(this, summary);
          },
      ),
    ],
  },
  {
    what: "an event lacks what its sentence needs",
    vow: EverythingHasASentence,
    sabotage: onEvents((event) =>
      event.type === "roll.interrupted" ? { ...event, reason: `${undefined}` } : event
    ),
  },
  {
    what: "nobody is told that a roll was interrupted",
    vow: RollsAreToldToTheEnd,
    sabotage: onEvents((event) => event.type === "roll.interrupted" ? null : event),
  },
  {
    what: "who asked for something that is called off never hears of it",
    vow: OrdersAreAnswered,
    patches: () => [
      patched(
        Requests.prototype,
        "end",
        (end) =>
          function (this: Requests, ...args: Parameters<Requests["end"]>) {
            if (args[1] !== "interrupted") end.apply(this, args);
          },
      ),
    ],
  },
  {
    what: "whatever is found is rolled to",
    vow: WhatWasSaidHolds,
    patches: () => [patched(Checker.prototype, "obstacle", () => () => null)],
  },
  {
    what: "what is skipped on its way comes to serve",
    vow: WhatWasSaidHolds,
    patches: () => [patched(Rolls.prototype, "skip", () => () => {})],
  },
  {
    what: "the source always names the first version",
    vow: TheNewestServes,
    sabotage: ({ source, ...effects }) => ({
      ...effects,
      source: {
        latest: async (signal, running) => await source.latest(signal, running) && "v1",
        idle: () => source.idle(),
      },
    }),
  },
  {
    what: "a turn is never waited for",
    vow: OneHostAtATime,
    sabotage: ({ turns, ...effects }) => ({
      ...effects,
      ...(turns && {
        turns: {
          take: (wish, signal) => turns.take({ ...wish, isUrgent: true }, signal),
          without: (version) => turns.without(version),
        },
      }),
    }),
  },
  {
    what: "data that was changed half way is left so",
    vow: TheDataFits,
    patches: () => [
      patched(
        DataWork.prototype,
        "undo",
        () => () => Promise.resolve({ outcome: "untouched", detail: "" } as const),
      ),
    ],
  },
  {
    what: "the data of what serves is taken back at the next start",
    vow: NothingServedIsTakenBack,
    patches: () => [
      patched(
        DataWork.prototype,
        "commit",
        () =>
          async function (this: DataWork, roll: number | null) {
            if (roll !== null) await this.undo(roll, () => Promise.resolve(true));
          },
      ),
    ],
  },
  {
    what: "the end leaves everybody on the stage",
    vow: TheEndIsClean,
    patches: () => [patched(Stage.prototype, "clear", () => () => Promise.resolve())],
  },
];
