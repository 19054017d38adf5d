import { assertEquals, assertMatch } from "@std/assert";
import { main } from "../../../src/commands/mod.ts";
import type { RollRecord } from "../../../src/roll/journal.ts";
import { openDatabase } from "../../../src/state/database.ts";
import { fakeIo } from "./fake_io.ts";
import { at, T0, told } from "./fake_operator.ts";

const NOTE = "liveroll: not running; from the records";

const RECORD: RollRecord = {
  roll: 7,
  at: T0,
  trigger: "interval",
  from: "v1",
  to: "v2",
  outcome: "failed",
  detail: "exit code 1",
  durationMs: 1_500,
  lastLines: ["boom"],
  phases: [{ name: "gate", startedAt: T0, durationMs: 1_400, outcome: "failed" }],
};

/** A state directory that a liveroll has left, which is killed or still holds it open. */
async function withRecords(work: (args: string[]) => Promise<void>, isOpen = false) {
  const stateDir = await Deno.makeTempDir();
  const { db } = openDatabase(stateDir, new Date(), () => null);
  try {
    db.prepare("INSERT INTO rolls (roll, trigger, outcome, record) VALUES (?, ?, ?, ?)")
      .run(7, RECORD.trigger, RECORD.outcome, JSON.stringify(RECORD));
    const event = told({ type: "roll.interrupted", roll: 7, id: "v2", reason: "" }, "called off");
    db.prepare("INSERT INTO events (roll, event) VALUES (7, ?)").run(JSON.stringify(event));
    if (!isOpen) db.close();
    await work(["--state-dir", stateDir]);
  } finally {
    if (isOpen) db.close();
    await Deno.remove(stateDir, { recursive: true });
  }
}

Deno.test("history, show and why answer from the records when liveroll does not run", async () => {
  await withRecords(async (where) => {
    const history = fakeIo();
    assertEquals(await main(["history", ...where], history), 0);
    assertEquals(history.complained, [NOTE]);
    assertMatch(history.printed[1] ?? "", /^7 .*v1 +v2 +failed +1\.5s +exit code 1$/);

    const show = fakeIo();
    assertEquals(await main(["show", "7", "--json", ...where], show), 0);
    const { id, at: began, lastLines, phases, events } = JSON.parse(show.printed.join(""));
    assertEquals([id, began, lastLines], [7, at(0), ["boom"]]);
    assertEquals([phases[0].startedAt, events[0].message], [at(0), "called off"]);

    const why = fakeIo();
    assertEquals(await main(["why", ...where], why), 0);
    assertMatch(why.printed.join("\n"), /called off$/);

    const missing = fakeIo();
    assertEquals(await main(["show", "8", ...where], missing), 1);
    assertEquals(missing.complained, ["liveroll: There is no roll 8"]);
  });
});

Deno.test("the records are read without disturbing who has them open", async () => {
  await withRecords(async (where) => {
    assertEquals(await main(["history", ...where], fakeIo()), 0);
  }, true);
});

Deno.test("status of what does not run tells what ran last, and exits with 3", async () => {
  await withRecords(async (where) => {
    const io = fakeIo({}, { date: () => T0 + 60_000 });
    assertEquals(await main(["status", ...where], io), 3);
    assertMatch(io.complained[0] ?? "", /^liveroll: not running: there is no socket/);
    assertEquals(io.printed, [
      "last roll  #7 1m ago, interval: v1 -> v2, failed in 1.5s: exit code 1",
    ]);
    const machine = fakeIo();
    assertEquals(await main(["status", "--json", ...where], machine), 3);
    const { state, lastRoll } = JSON.parse(machine.printed.join(""));
    assertEquals([state, lastRoll.id, lastRoll.outcome], ["stopped", 7, "failed"]);
  });
});

Deno.test("a file that is no database is as good as none", async () => {
  const stateDir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${stateDir}/liveroll.db`, "no database ".repeat(1000));
  for (const args of [["history"], ["show", "1"], ["why"], ["status"]]) {
    const io = fakeIo();
    assertEquals(await main([...args, "--state-dir", stateDir], io), 3, args[0]);
    assertEquals(
      io.complained[0],
      `liveroll: Cannot read the records in ${stateDir}: file is not a database`,
    );
  }
  await Deno.remove(stateDir, { recursive: true });
});
