import { assertEquals } from "@std/assert";
import { main } from "../../../src/commands/mod.ts";
import { FakeControl } from "./fake_control.ts";
import { fakeIo } from "./fake_io.ts";
import { FakeOperator } from "./fake_operator.ts";

Deno.test("--dry-run tells what an order would do, and gives none", async () => {
  const operator = new FakeOperator();
  await using control = new FakeControl(operator);
  const run = async (...args: string[]) => {
    const io = fakeIo();
    return { exit: await main([...args, "--dry-run", "--state-dir", control.stateDir], io), io };
  };
  const { exit, io } = await run("update", "v9");
  assertEquals([io.complained, exit, io.printed], [[], 0, [
    "as the test says",
    "from:     v1",
    "to:       v9",
    "strategy: blue-green",
    "ports:    8101 or 8102",
    "phases:   port, start, gate, switch",
    "nothing was changed",
  ]]);
  for (const args of [["rollback"], ["retry"], ["pin", "v9"]]) {
    assertEquals((await run(...args)).exit, 0, args.join(" "));
  }
  const json = await run("pin", "v9", "--json");
  assertEquals(JSON.parse(json.io.printed.join("\n")), operator.plan({ kind: "pin", id: "v9" }));
  assertEquals(operator.orders, []);
});

Deno.test("--dry-run tells what comes with a roll, also of a liveroll that knows of no such thing", async () => {
  const operator = new FakeOperator();
  const { notes: _, ...plan } = operator.plan({ kind: "pin", id: "v9" });
  await using control = new FakeControl(operator);
  const printed = async () => {
    const io = fakeIo();
    await main(["pin", "v9", "--dry-run", "--state-dir", control.stateDir], io);
    return io.printed.filter((line) => line.startsWith("note"));
  };
  operator.plan = () => ({ ...plan, notes: ["each request waits", "data is lost"] });
  assertEquals(await printed(), ["note:     each request waits", "note:     data is lost"]);
  operator.plan = () => plan as ReturnType<typeof operator.plan>;
  assertEquals(await printed(), []);
});

Deno.test("--dry-run of what would be refused fails with the reason", async () => {
  const operator = new FakeOperator();
  const plan = operator.plan({ kind: "retry" });
  operator.plan = () => ({ ...plan, action: "refused", detail: "updates are paused", phases: [] });
  await using control = new FakeControl(operator);
  const io = fakeIo();
  assertEquals(await main(["retry", "--dry-run", "--state-dir", control.stateDir], io), 1);
  assertEquals(io.printed, ["would be refused: updates are paused"]);
});
