import type { DoctorReport, Finding } from "../../control/operator.ts";
import type { StoreMode } from "../../handover/descriptor_store.ts";
import { describeMode, type HandoverMode } from "../../handover/means.ts";
import type { Updater } from "../../roll/updater.ts";
import { endStray, type Stray, strays } from "../../runtime/strays.ts";
import type { State } from "./state.ts";

/** What a doctor looks at. */
export interface Patient {
  updater: Updater;
  state: State;
  childHost: string;
  /** Every port that some child may listen on. */
  childPorts: readonly number[];
  /** Where the program cosign is; null: nobody needs it. */
  findCosign: (() => Promise<string | null>) | null;
  /** What can be done with the public sockets; null: nobody wants them handed over. */
  handover: HandoverMode | null;
  /** What can be done with sockets for children; null: a proxy is in front of them. */
  sockets: HandoverMode | null;
  /** Whether the service manager keeps the public sockets; null: there are none to keep. */
  store: StoreMode | null;
  /** Whether a service manager has started us. */
  isManaged: boolean;
  /** Whether a `.socket` unit holds them. */
  activated: boolean;
  /** Why it does not keep them as it should; null: it does. */
  storeProblem: string | null;
  /** What is lost with each container, and how to keep it. */
  forgottenData: readonly string[];
}

/** One thing that is not as it should be, and how to mend it. */
interface Ailment {
  finding: Finding;
  /** @returns What was done, for people. */
  mend: (() => Promise<string>) | null;
}

/** Compares the journal with reality; mends what can be mended without touching what serves. */
export async function examine(patient: Patient, { fix }: { fix: boolean }): Promise<DoctorReport> {
  const ailments = [
    ...journalTrouble(patient),
    ...forgotten(patient),
    ...await straysOf(patient),
    ...await cosignOf(patient),
    ...handoverOf(patient),
    ...socketsOf(patient),
    ...storeOf(patient),
    ...patient.forgottenData.map((told) => ailment("data_forgotten", "warning", told)),
    ...restraints(patient),
  ];
  const findings = ailments.map(({ finding }) => finding);
  if (!fix) return { findings, fixed: [] };
  const done: { finding: Finding; told: string }[] = [];
  for (const { finding, mend } of ailments) {
    if (mend !== null) done.push({ finding, told: await mend() });
  }
  // Only a second look tells what has become of it.
  const { findings: left } = await examine(patient, { fix: false });
  const isLeft = ({ code, message }: Finding) =>
    left.some((other) => other.code === code && other.message === message);
  return { findings: left, fixed: done.filter((one) => !isLeft(one.finding)).map((o) => o.told) };
}

function journalTrouble({ state }: Patient): Ailment[] {
  const { problem } = state.journal;
  const locked = state.directory.isLocked ? [] : [ailment(
    "no_lock",
    "warning",
    `${state.directory.path} cannot be locked: a second liveroll could start there`,
  )];
  if (problem === null) return locked;
  const message = `nothing can be written to ${state.directory.path}: ${problem}`;
  return [
    ...locked,
    ailment("state_unwritable", "error", message, "try to write it again", () => {
      const done = state.journal.retry();
      if (done) return Promise.resolve("everything is written down again");
      return Promise.resolve(`still nothing can be written: ${state.journal.problem}`);
    }),
  ];
}

/** Instances that are written down as running, and are not. */
function forgotten({ state, updater }: Patient): Ailment[] {
  // Who is about to be adopted is nobody's yet.
  if (!updater.isAwake) return [];
  const living = new Set([...updater.stage.list().keys()].map(({ key }) => key));
  return state.journal.instances.filter(({ key, stage }) =>
    !living.has(key) && stage !== "starting"
  )
    .map(({ key, id, port }) =>
      ailment(
        "not_running",
        "warning",
        `${id}@${port} (${key}) is written down as running, but nobody looks after it`,
        "strike it out",
        async () => {
          await updater.chronicle.note({ step: "instance.gone", key });
          return `${id}@${port} (${key}) was struck out`;
        },
      )
    );
}

async function straysOf({ state, updater, childHost, childPorts }: Patient): Promise<Ailment[]> {
  if (!updater.isAwake) return [];
  const living = [...updater.stage.list().keys()];
  const known = [...state.journal.instances, ...state.journal.gone];
  const found = await strays(known, living, { childHost, childPorts });
  return found.map((stray) => stray.reason === "left_behind" ? leftBehind(stray) : stranger(stray));
}

function leftBehind(stray: Stray): Ailment {
  const { pid, name, key } = stray;
  const message = `pid ${pid} (${name}) was left behind by ${key}`;
  return ailment(
    "left_behind",
    "warning",
    message,
    "end it",
    async () => `pid ${pid} (${name}): ${await endStray(stray)}`,
  );
}

function stranger({ pid, name, port }: Stray): Ailment {
  const message = `pid ${pid} (${name}) listens on child port ${port} and is none of ours: ` +
    `no version can start there`;
  return ailment("port_taken", "error", message);
}

async function cosignOf({ findCosign }: Patient): Promise<Ailment[]> {
  if (findCosign === null) return [];
  const path = await findCosign();
  if (path !== null) return [ailment("cosign", "info", `signatures are checked by ${path}`)];
  const message = "signatures are demanded, and the program cosign is not on PATH: " +
    "no new version can be taken";
  return [ailment("cosign_missing", "error", message)];
}

function handoverOf({ handover }: Patient): Ailment[] {
  if (handover === null) return [];
  const isFull = handover.name === "full";
  return [ailment("handover", isFull ? "info" : "warning", describeMode(handover))];
}

function socketsOf({ sockets }: Patient): Ailment[] {
  if (sockets === null) return [];
  if (sockets.name === "full") {
    const message =
      "children accept from the public socket, which liveroll has opened or was given";
    return [ailment("sockets_held", "info", message)];
  }
  const message =
    "children accept from the socket of the service manager, and every command that " +
    `liveroll runs has it, too: ${sockets.why}`;
  return [ailment("sockets_inherited", "warning", message)];
}

/** Without a service manager there is nothing that could be on. */
function storeOf({ store, activated, storeProblem, isManaged }: Patient): Ailment[] {
  if (store === null || !isManaged) return [];
  if (storeProblem !== null) {
    const message = `the service manager does not keep the public sockets: ${storeProblem}`;
    return [ailment("store_failed", "warning", message)];
  }
  if (activated) {
    const message = "a .socket unit holds the public sockets: a crash refuses nobody";
    return [ailment("socket_unit", "info", message)];
  }
  if (store.name === "on") {
    const message = "the service manager keeps the public sockets: a crash refuses nobody";
    return [ailment("store_on", "info", message)];
  }
  const message = `the public port is closed between a crash and the next start: ${store.why}`;
  return [ailment("store_off", "info", message)];
}

/** Nothing is wrong with these, but they are forgotten easily. */
function restraints({ updater }: Patient): Ailment[] {
  const { paused, pinned, held, maintenance, skipped } = updater.preferences.now;
  const info = (code: string, message: string) => ailment(code, "info", message);
  return [
    ...paused ? [info("paused", "updates are paused")] : [],
    ...pinned === null ? [] : [info("pinned", `${pinned} is pinned`)],
    ...held ? [info("held", "requests are held")] : [],
    ...maintenance === null ? [] : [info("maintenance", "requests are answered 503: maintenance")],
    ...skipped.map((id) => info("skipped", `${id} is skipped`)),
  ];
}

function ailment(
  code: string,
  severity: Finding["severity"],
  message: string,
  fix: string | null = null,
  mend: (() => Promise<string>) | null = null,
): Ailment {
  return { finding: { code, severity, message, fix }, mend };
}
