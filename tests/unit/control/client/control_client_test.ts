import { assertEquals, assertRejects } from "@std/assert";
import { ControlClient } from "../../../../src/control/client/control_client.ts";
import { NotRunningError, RefusedError } from "../../../../src/control/client/errors.ts";
import type { Setting } from "../../../../src/control/operator.ts";
import { type ControlServer, startControl } from "../../../../src/control/server.ts";
import { FakeOperator, ROLL, told } from "../../commands/fake_operator.ts";

const FOREVER = new AbortController().signal;

/** The real server in front of `operator`, and the client. */
async function withServer(
  operator: FakeOperator,
  work: (client: ControlClient, server: ControlServer) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  const socketPath = `${directory}/control.sock`;
  const errors: unknown[] = [];
  const server = await startControl({
    operator,
    socketPath,
    listen: null,
    token: null,
    webhookSecret: null,
    page: null,
    onError: (error) => errors.push(error),
  });
  try {
    using client = new ControlClient({ kind: "socket", path: socketPath });
    await work(client, server);
  } finally {
    await server.close();
    await Deno.remove(directory, { recursive: true });
  }
  assertEquals(errors, []);
}

Deno.test("the client and the server understand each other's questions and answers", async () => {
  const operator = new FakeOperator();
  operator.decided = [told({ type: "journal.recovered" }, "again")];
  operator.lines = [
    { at: "2026-11-21T12:00:00.000Z", roll: 2, id: "v1", port: 1, stream: "stdout", line: "é" },
  ];
  await withServer(operator, async (client) => {
    assertEquals(await client.status(), operator.current);
    assertEquals(await client.history(5), operator.history({ limit: 5 }));
    assertEquals(await client.roll(2), ROLL);
    assertEquals(await client.decisions(5), operator.decided);
    assertEquals(await client.doctor(false), operator.report);
    assertEquals(await client.doctor(true), operator.report);
    for (const roll of [null, 2]) {
      const lines = await client.output({ roll, limit: 5 }, FOREVER);
      assertEquals(await Array.fromAsync(lines), operator.lines);
    }
    const { problem } = await assertRejects(() => client.roll(77), RefusedError);
    assertEquals([problem.status, problem.code], [404, "not_found"]);
  });
});

Deno.test("every order and every setting is heard as it was meant", async () => {
  const operator = new FakeOperator();
  let stops = 0;
  operator.onStop = () => stops++;
  await withServer(operator, async (client) => {
    await client.order({ kind: "update", id: null, force: false });
    await client.order({ kind: "update", id: "v9", force: true });
    await client.order({ kind: "rollback", id: null });
    await client.order({ kind: "pin", id: "v5" });
    assertEquals(await client.order({ kind: "retry" }), 1);
    assertEquals((await client.request(1)).outcome, null);
    assertEquals(operator.orders, [
      { kind: "update", id: null, force: false, by: "command" },
      { kind: "update", id: "v9", force: true, by: "command" },
      { kind: "rollback", id: null },
      { kind: "pin", id: "v5" },
      { kind: "retry" },
    ]);
    const settings: Setting[] = [
      { kind: "pause" },
      { kind: "resume" },
      { kind: "hold" },
      { kind: "release" },
      { kind: "maintenance", message: "soon" },
      { kind: "maintenance", message: null },
      { kind: "unpin" },
      { kind: "skip", id: "v7" },
    ];
    for (const setting of settings) {
      assertEquals(await client.set(setting), operator.current.settings);
    }
    assertEquals(operator.settings, settings);
    await client.stop();
    assertEquals(stops, 1);
    operator.answer = { accepted: false, reason: "busy", detail: "roll 7", roll: 7 };
    const { problem } = await assertRejects(() => client.order({ kind: "retry" }), RefusedError);
    assertEquals([problem.status, problem.code, problem.roll], [409, "busy", 7]);
  });
});

Deno.test("streams go on until the server closes, and nobody is there afterwards", async () => {
  const operator = new FakeOperator();
  const line = { at: "", roll: 2, id: "v1", port: 1, stream: "stdout", line: "hi" } as const;
  await withServer(operator, async (client, server) => {
    const output = await client.follow({ roll: null, limit: 5 }, FOREVER);
    const lines = Array.fromAsync(output);
    const events = client.events(FOREVER);
    const first = await events.next();
    assertEquals(first.value?.kind, "status");
    const event = told({ type: "journal.recovered" }, "again");
    operator.tell(event);
    operator.print(line);
    assertEquals((await events.next()).value, { kind: "event", event });
    await server.close();
    assertEquals(await lines, [line]);
    while (!(await events.next()).done);
    await assertRejects(() => client.status(), NotRunningError);
  });
});
