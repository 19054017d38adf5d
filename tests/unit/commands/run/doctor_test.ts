import { assertEquals, assertMatch } from "@std/assert";
import { examine, type Patient } from "../../../../src/commands/run/doctor.ts";
import { State } from "../../../../src/commands/run/state.ts";
import type { InstanceRecord, InstanceStage } from "../../../../src/roll/journal.ts";
import { linux, needs } from "../../../helpers/skip.ts";
import { closePipes, firstLine, freePort, runs, spawn } from "../../platform/processes.ts";
import { recordingLog } from "../../platform/recording_log.ts";
import { Life } from "../../roll/fair_world.ts";
import { TempDirectory } from "../../state/temp_directory.ts";

const ON_LINUX = needs(linux());

const NO_STORE = {
  store: null,
  isManaged: false,
  activated: false,
  storeProblem: null,
  forgottenData: [],
};

/** An instance that is written down. */
function record(key: string, stage: InstanceStage, token = "nobody's"): InstanceRecord {
  const at = { pid: 1, birth: "long ago", startedAt: 0, outlives: true };
  return { key, roll: 1, id: "v1", port: 9101, token, stage, ...at };
}

/** A life whose journal is a real one; `work` gets what a doctor looks at. */
async function withPatient(
  work: (patient: Patient, life: Life) => Promise<void>,
  port: number = freePort(),
): Promise<void> {
  using dir = new TempDirectory();
  using state = State.open(dir.path, recordingLog());
  const life = new Life({}, (world) => {
    world.journal = state.journal;
  });
  const ports = { childHost: "127.0.0.1", childPorts: [port, port] as const };
  const rest = { findCosign: null, handover: null, sockets: null, ...NO_STORE };
  await work({ updater: life.updater, state, ...ports, ...rest }, life);
}

/** Codes and severities of what was found. */
async function codes(patient: Patient): Promise<string[]> {
  const { findings, fixed } = await examine(patient, { fix: false });
  assertEquals(fixed, []);
  return findings.map(({ code, severity }) => `${severity} ${code}`);
}

Deno.test("nothing is wrong: nothing is found, and nothing has to be mended", async () => {
  await withPatient(async (patient, life) => {
    await life.serve("v1");
    assertEquals(await examine(patient, { fix: false }), { findings: [], fixed: [] });
    assertEquals(await examine(patient, { fix: true }), { findings: [], fixed: [] });
    await life.end();
  });
});

Deno.test("data that is lost with each container is told with the fix", async () => {
  await withPatient(async (patient, life) => {
    await life.serve("v1");
    const { findings } = await examine({ ...patient, forgottenData: ["give -v"] }, { fix: false });
    const finding = {
      code: "data_forgotten",
      severity: "warning",
      message: "give -v",
      fix: null,
    } as const;
    assertEquals(findings, [finding]);
    await life.end();
  });
});

Deno.test("whether a crash refuses anybody is told under a service manager only", async () => {
  await withPatient(async (patient, life) => {
    await life.serve("v1");
    const on = { ...patient, store: { name: "on" } as const, isManaged: true };
    assertEquals(await codes({ ...on, isManaged: false }), []);
    assertEquals(await codes(on), ["info store_on"]);
    assertEquals(await codes({ ...on, activated: true }), ["info socket_unit"]);
    assertEquals(await codes({ ...on, storeProblem: "it hangs" }), ["warning store_failed"]);
    const off = { ...on, store: { name: "off", why: "FDSTORE is not set" } as const };
    assertEquals(await codes(off), ["info store_off"]);
    const { findings: [finding] } = await examine(off, { fix: false });
    assertMatch(finding?.message ?? "", /the next start: FDSTORE is not set$/);
    await life.end();
  });
});

Deno.test("whether sockets for children can be kept from others is told in direct mode", async () => {
  await withPatient(async (patient, life) => {
    await life.serve("v1");
    assertEquals(await codes({ ...patient, sockets: { name: "full" } }), ["info sockets_held"]);
    const sockets = { name: "inherit_only", why: "no such library" } as const;
    assertEquals(await codes({ ...patient, sockets }), ["warning sockets_inherited"]);
    const { findings: [finding] } = await examine({ ...patient, sockets }, { fix: false });
    assertMatch(finding?.message ?? "", /has it, too: no such library$/);
    await life.end();
  });
});

Deno.test("whether cosign is there is told when signatures by it are demanded", async () => {
  await withPatient(async (patient, life) => {
    await life.serve("v1");
    const findCosign = (path: string | null) => ({ findCosign: () => Promise.resolve(path) });
    const found = await examine({ ...patient, ...findCosign("/usr/bin/cosign") }, { fix: true });
    assertEquals(found.findings.map(({ severity, message }) => [severity, message]), [
      ["info", "signatures are checked by /usr/bin/cosign"],
    ]);
    assertEquals(await codes({ ...patient, ...findCosign(null) }), ["error cosign_missing"]);
    await life.end();
  });
});

Deno.test("what can be done with sockets is told when they are to be handed over", async () => {
  await withPatient(async (patient, life) => {
    await life.serve("v1");
    const told = async (handover: Patient["handover"]) =>
      (await examine({ ...patient, handover }, { fix: true })).findings
        .map(({ severity, message }) => [severity, message]);
    assertEquals(await told({ name: "full" }), [["info", "sockets can be handed over"]]);
    assertEquals(await told({ name: "inherit_only", why: "no libc" }), [
      ["warning", "sockets can be inherited, not handed over: no libc"],
    ]);
    await life.end();
  });
});

for (const stage of ["candidate", "switching", "current", "draining", "stopping"] as const) {
  Deno.test(`G13 written down as ${stage}, and nobody looks after it: struck out if that is wanted`, async () => {
    await withPatient(async (patient, life) => {
      await life.serve("v1");
      const stale = record("i99", stage);
      await patient.state.journal.write({ step: "instance.starting", instance: stale });
      const { findings } = await examine(patient, { fix: false });
      assertEquals(findings, [{
        code: "not_running",
        severity: "warning",
        message: "v1@9101 (i99) is written down as running, but nobody looks after it",
        fix: "strike it out",
      }]);
      const keys = () => patient.state.journal.instances.map(({ key }) => key);
      assertEquals(keys(), ["i1", "i99"]);
      const mended = await examine(patient, { fix: true });
      assertEquals(mended, { findings: [], fixed: ["v1@9101 (i99) was struck out"] });
      assertEquals(keys(), ["i1"]);
      assertEquals(life.current?.key, "i1");
      await life.end();
    });
  });
}

Deno.test("G13 what is just being started is left alone", async () => {
  await withPatient(async (patient, life) => {
    await life.serve("v1");
    const instance = record("i2", "starting");
    await patient.state.journal.write({ step: "instance.starting", instance });
    assertEquals(await codes(patient), []);
    await life.end();
  });
});

Deno.test("what people asked for is told, so that it is not forgotten, and is not mended", async () => {
  await withPatient(async (patient, life) => {
    await life.serve("v1");
    await life.desk.set({ kind: "pause" });
    await life.desk.order({ kind: "pin", id: "v1" });
    for (const id of ["v8", "v9"]) await life.desk.set({ kind: "skip", id });
    await life.desk.set({ kind: "hold" });
    await life.desk.set({ kind: "maintenance", message: "soon" });
    const expected = [
      "info paused",
      "info pinned",
      "info held",
      "info maintenance",
      "info skipped",
      "info skipped",
    ];
    assertEquals(await codes(patient), expected);
    const { findings, fixed } = await examine(patient, { fix: true });
    assertEquals([findings.length, fixed], [6, []]);
    assertEquals(findings.every(({ fix }) => fix === null), true);
    assertEquals(findings.map(({ message }) => message), [
      "updates are paused",
      "v1 is pinned",
      "requests are held",
      "requests are answered 503: maintenance",
      "v8 is skipped",
      "v9 is skipped",
    ]);
    await life.end();
  });
});

Deno.test("G13 a database that is gone: it is told, and written anew if that is wanted", async () => {
  await withPatient(async (patient, life) => {
    const { state } = patient;
    await life.serve("v1");
    const path = state.directory.path;
    const away = `${path}-away`;
    Deno.renameSync(path, away);
    await life.desk.set({ kind: "hold" });
    await life.pass(0);
    const [finding] = (await examine(patient, { fix: false })).findings;
    assertEquals([finding?.code, finding?.severity, finding?.fix], [
      "state_unwritable",
      "error",
      "try to write it again",
    ]);
    const { fixed } = await examine(patient, { fix: true });
    assertEquals(fixed, []);
    Deno.renameSync(away, path);
    const mended = await examine(patient, { fix: true });
    assertEquals(mended.fixed, ["everything is written down again"]);
    assertEquals(await codes(patient), ["info held"]);
    await life.end();
  });
});

Deno.test({
  name:
    "G13 what an instance of ours left behind is told, ended if that is wanted, and nobody else is",
  ...ON_LINUX,
  async fn() {
    const token = crypto.randomUUID();
    const left = spawn("echo up; exec sleep 600", token);
    const stranger = spawn("echo up; exec sleep 600");
    try {
      await Promise.all([firstLine(left.stdout!), firstLine(stranger.stdout!)]);
      await withPatient(async (patient, life) => {
        const { journal } = patient.state;
        await life.serve("v1");
        const instance = record("i99", "current", token);
        await journal.write({ step: "instance.starting", instance });
        await journal.write({ step: "instance.gone", key: "i99" });
        assertEquals(await codes(patient), ["warning left_behind"]);
        assertEquals(runs(left.pid), true);
        const { findings, fixed } = await examine(patient, { fix: true });
        assertEquals([findings, fixed], [[], [`pid ${left.pid} (sleep): stopped`]]);
        assertEquals([runs(left.pid), runs(stranger.pid)], [false, true]);
        assertEquals(await codes(patient), []);
        await life.end();
      });
    } finally {
      for (const group of [left, stranger]) {
        await group.terminate({ signal: "SIGKILL", timeoutMs: 1_000 });
        await closePipes(group);
      }
    }
  },
});

Deno.test({
  name: "G13 a stranger on a port for children is told and left alone, whatever is wanted",
  ...ON_LINUX,
  async fn() {
    const port = freePort();
    const script = `Deno.listen({ hostname: "127.0.0.1", port: ${port} }); console.log("up")`;
    const stranger = spawn(`exec ${Deno.execPath()} eval '${script}; setInterval(() => {}, 1e6)'`);
    try {
      await firstLine(stranger.stdout!);
      await withPatient(async (patient, life) => {
        await life.serve("v1");
        const { findings, fixed } = await examine(patient, { fix: true });
        assertEquals(findings, [{
          code: "port_taken",
          severity: "error",
          message:
            `pid ${stranger.pid} (deno) listens on child port ${port} and is none of ours: ` +
            "no version can start there",
          fix: null,
        }]);
        assertEquals([fixed, runs(stranger.pid)], [[], true]);
        await life.end();
      }, port);
    } finally {
      await stranger.terminate({ signal: "SIGKILL", timeoutMs: 1_000 });
      await closePipes(stranger);
    }
  },
});
