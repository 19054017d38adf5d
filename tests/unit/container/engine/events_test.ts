import { assertEquals, assertRejects } from "@std/assert";
import { EngineUnreachableError } from "../../../../src/container/engine/engine_error.ts";
import { readEvent } from "../../../../src/container/engine/events.ts";
import { Members } from "../../../../src/container/engine/members.ts";
import { breakingOff, FakeEngine } from "./fake_engine.ts";

type Row = [
  word: string,
  attributes: Record<string, string>,
  event: { action: string; exitCode?: number | null; health?: string } | null,
];

/** Actions in the words of Docker, and where they differ, of Podman. */
const TABLE: readonly Row[] = [
  ["create", {}, { action: "created" }],
  ["start", {}, { action: "started" }],
  ["die", { exitCode: "137" }, { action: "died", exitCode: 137 }],
  ["died", { containerExitCode: "3" }, { action: "died", exitCode: 3 }],
  ["die", {}, { action: "died", exitCode: null }],
  ["oom", {}, { action: "out_of_memory" }],
  ["kill", { signal: "15" }, { action: "signalled" }],
  ["stop", {}, { action: "stopped" }],
  ["destroy", {}, { action: "removed" }],
  ["remove", { containerExitCode: "0" }, { action: "removed" }],
  ["health_status: healthy", {}, { action: "health", health: "healthy" }],
  ["health_status", { health_status: "unhealthy" }, { action: "health", health: "unhealthy" }],
  ["exec_create: sh -c x", {}, null],
  ["exec_die", {}, null],
  ["attach", {}, null],
];

for (const [word, attributes, expected] of TABLE) {
  Deno.test(`an event is read: ${word} ${JSON.stringify(attributes)}`, () => {
    const event = readEvent(new Members(line(word, attributes)));
    if (expected === null) return assertEquals(event, null);
    const { action, exitCode = null, health = null } = { ...expected };
    assertEquals(event, {
      action: action as "died",
      id: "one",
      name: "web",
      exitCode,
      health,
      attributes: { name: "web", ...attributes },
      at: 1_795_255_307_712,
    });
  });
}

Deno.test("what happens to anything but containers is left out", () => {
  assertEquals(readEvent(new Members({ ...line("create", {}), Type: "network" })), null);
});

Deno.test("events are asked for by label and time, and those without all labels left out", async () => {
  const events = [
    line("start", { app: "blog" }),
    line("start", { app: "blog", role: "candidate" }),
    line("start", { app: "shop", role: "candidate" }),
  ];
  const text = events.map((event) => JSON.stringify(event)).join("\n");
  await using fake = new FakeEngine({ "GET /events": text });
  using engine = await fake.connect();
  const labels = ["app=blog", "role"];
  const all: unknown[] = [];
  const read = async () => {
    const wish = { labels, since: 1_795_255_307_012 };
    for await (const { attributes } of engine.events(wish, AbortSignal.timeout(20_000))) {
      all.push(attributes);
    }
  };
  // A stream of events has no end of its own.
  const error = await assertRejects(read, EngineUnreachableError, "ended its stream of events");
  assertEquals(error.outage, "broken");
  assertEquals(all, [{ name: "web", app: "blog", role: "candidate" }]);
  const filters = JSON.stringify({ type: ["container"], label: labels });
  assertEquals(fake.last.query, { filters, since: "1795255307.012000000" });
});

Deno.test("a stream of events that breaks says so", async () => {
  const text = JSON.stringify(line("start", { a: "b" })) + "\n";
  await using fake = new FakeEngine({ "GET /events": () => breakingOff(text) });
  using engine = await fake.connect();
  const events = engine.events({ labels: [] }, AbortSignal.timeout(20_000));
  assertEquals((await events.next()).value?.action, "started");
  const error = await assertRejects(() => events.next(), EngineUnreachableError);
  assertEquals(error.outage, "broken");
});

function line(Action: string, attributes: Record<string, string>) {
  return {
    Type: "container",
    Action,
    Actor: { ID: "one", Attributes: { name: "web", ...attributes } },
    time: 1_795_255_307,
    timeNano: 1_795_255_307_712_501_910,
  };
}
