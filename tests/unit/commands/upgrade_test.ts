import { assertEquals, assertMatch } from "@std/assert";
import { main } from "../../../src/commands/mod.ts";
import { FakeControl } from "./fake_control.ts";
import { fakeIo } from "./fake_io.ts";
import { FakeOperator, SERVING } from "./fake_operator.ts";

/** The pid of a process that has ended, and is not somebody else's yet. */
async function deadPid(): Promise<number> {
  const child = new Deno.Command("true").spawn();
  await child.status;
  return child.pid;
}

Deno.test("upgrade waits until the new process answers", async () => {
  const operator = new FakeOperator();
  await using control = new FakeControl(operator);
  const asked: unknown[] = [];
  operator.onUpgrade = (binary) => {
    asked.push(binary);
    return { pid: Deno.pid };
  };
  let looks = 0;
  control.intercept = (_, path) => {
    if (path !== "/v1/status" || asked.length === 0) return null;
    if (++looks === 3) operator.current = { ...SERVING, pid: Deno.pid };
    return null;
  };
  const io = fakeIo();
  const args = ["upgrade", "--binary", "/opt/new", "--state-dir", control.stateDir];
  assertEquals(await main(args, io), 0);
  assertEquals(io.printed, [`pid ${Deno.pid} has taken over from pid ${SERVING.pid}`]);
  assertEquals(asked, ["/opt/new"]);
});

Deno.test("upgrade fails when the new process has ended, and says who serves", async () => {
  const operator = new FakeOperator();
  await using control = new FakeControl(operator);
  const pid = await deadPid();
  operator.onUpgrade = () => ({ pid });
  const io = fakeIo();
  assertEquals(await main(["upgrade", "--json", "--state-dir", control.stateDir], io), 1);
  assertEquals(JSON.parse(io.printed.join("")), {
    outcome: "failed",
    from: SERVING.pid,
    to: pid,
  });
  assertMatch(io.complained.join("\n"), new RegExp(`pid ${pid} has ended, and pid 100 serves on`));
});

Deno.test("upgrade that is refused fails with the reason; one that takes too long times out", async () => {
  const operator = new FakeOperator();
  await using control = new FakeControl(operator);
  operator.onUpgrade = () => ({ refused: "this liveroll hands nothing over" });
  const refused = fakeIo();
  assertEquals(await main(["upgrade", "--state-dir", control.stateDir], refused), 1);
  assertEquals(refused.complained, ["liveroll: this liveroll hands nothing over"]);
  operator.onUpgrade = () => ({ pid: Deno.pid });
  const late = fakeIo();
  const args = ["upgrade", "--timeout=200ms", "--state-dir", control.stateDir];
  assertEquals(await main(args, late), 5);
  assertMatch(late.complained.join(), /timed out after 200ms; pid \d+ goes on to try/);
});

Deno.test("upgrade waits until the new process has taken up what serves", async () => {
  const operator = new FakeOperator();
  await using control = new FakeControl(operator);
  operator.onUpgrade = () => ({ pid: Deno.pid });
  const detail = "looking at what runs already";
  const looking = { ...SERVING, pid: Deno.pid, state: "starting", detail, current: null } as const;
  let looks = 0;
  control.intercept = (_, path) => {
    if (path !== "/v1/status") return null;
    looks++;
    if (looks > 1) operator.current = looks > 4 ? { ...SERVING, pid: Deno.pid } : looking;
    return null;
  };
  const io = fakeIo();
  assertEquals(await main(["upgrade", "--state-dir", control.stateDir], io), 0);
  assertEquals(looks, 5);
});

for (
  const [state, code, text] of [
    ["starting", 5, /timed out after 200ms; pid \d+ has taken over, and is starting: nothing yet/],
    ["degraded", 1, /pid \d+ has taken over, and is degraded: nothing yet/],
  ] as const
) {
  Deno.test(`upgrade to a process that is ${state} ends with ${code}`, async () => {
    const operator = new FakeOperator();
    await using control = new FakeControl(operator);
    operator.onUpgrade = () => {
      const current = null;
      operator.current = { ...SERVING, pid: Deno.pid, state, detail: "nothing yet", current };
      return { pid: Deno.pid };
    };
    const io = fakeIo();
    const args = ["upgrade", "--timeout=200ms", "--state-dir", control.stateDir];
    assertEquals(await main(args, io), code);
    assertMatch(io.complained.join(), text);
  });
}
