import { assert, assertEquals } from "@std/assert";
import { notifyTarget } from "../../../src/config/notify_kind.ts";
import { Notifications } from "../../../src/notify/notifications.ts";
import { EVENTS } from "../../../src/notify/notification.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import type { RollEvent } from "../../../src/roll/events.ts";
import { Receiver } from "../../helpers/receiver.ts";
import { ManualClock, settled } from "../proxy/manual_clock.ts";

const PAUSED = { type: "setting", what: "paused", detail: "" } as const;
const CHECK_FAILED = { type: "check.failed", step: "pull", detail: "down" } as const;
const FOUND: RollEvent = { type: "update.found", id: "v2", from: "v1", waits: null };
const STOPPED: RollEvent = { type: "state", state: "stopped", was: "stopping", detail: "" };

class Rig {
  readonly errors: string[] = [];
  readonly notifications: Notifications;

  constructor(urls: readonly string[], clock = systemClock) {
    this.notifications = new Notifications(urls.map(notifyTarget.parse), {
      sender: { app: "blog", host: "web1", finds: "--app blog" },
      env: {},
      clock,
      date: () => Date.parse("2026-11-21T03:00:00Z"),
      random: () => 0.5,
      onError: (message) => this.errors.push(message),
    });
  }

  observe(...events: RollEvent[]): void {
    for (const event of events) this.notifications.observe(event);
  }
}

/** Events in the order in which a receiver got them. */
function events({ received }: Receiver): string[] {
  return received.map(({ headers }) => headers.get("x-liveroll-event") ?? "");
}

Deno.test("everybody is told, the quiet ones only what matters", async () => {
  await using loud = new Receiver();
  await using quiet = new Receiver();
  const rig = new Rig([`webhook+${loud.url}`, `webhook+${quiet.url}?quiet=true`]);
  rig.observe(PAUSED, FOUND, CHECK_FAILED, FOUND, STOPPED);
  await rig.notifications.close(5_000);
  const expected = ["paused", "found", "check_failed", "recovered", "stopped"];
  assertEquals(events(loud), expected);
  assertEquals(events(quiet), expected.slice(2));
  assertEquals(rig.errors, []);
});

Deno.test("a letter says who, where, what, when, and how to find out more", async () => {
  await using receiver = new Receiver();
  const rig = new Rig([`webhook+${receiver.url}`]);
  rig.observe(CHECK_FAILED);
  await rig.notifications.close(5_000);
  const { id, ...fields } = JSON.parse(receiver.received[0]?.text ?? "");
  assert(/^[0-9a-f-]{36}$/.test(id), id);
  assertEquals(fields, {
    app: "blog",
    host: "web1",
    at: "2026-11-21T03:00:00.000Z",
    event: "check_failed",
    importance: "error",
    title: "blog on web1: cannot look for a new version",
    message: [
      "blog on web1: cannot look for a new version",
      "The pull command failed: Down.",
      "Nothing runs.",
      "More: liveroll why --app blog",
    ].join("\n"),
    lastLines: [],
    roll: null,
    from: null,
    to: null,
    running: null,
    command: "liveroll why --app blog",
    lost: 0,
  });
});

Deno.test("an id that is a URL does not give its password away", async () => {
  await using receiver = new Receiver();
  const rig = new Rig([`webhook+${receiver.url}`]);
  rig.observe({ type: "update.found", id: "https://me:s3cret@x.org/v2", from: null, waits: null });
  await rig.notifications.close(5_000);
  const text = receiver.received[0]?.text ?? "";
  assert(text.includes("x.org/v2") && !text.includes("s3cret"), text);
});

Deno.test("one who is down does not keep others waiting", async () => {
  await using hangs = new Receiver();
  await using works = new Receiver();
  hangs.replies("hangs");
  const clock = new ManualClock();
  const rig = new Rig([`webhook+${hangs.url}`, `webhook+${works.url}`], clock);
  rig.observe(PAUSED, PAUSED);
  await Promise.all([hangs.waitFor(1), works.waitFor(2)]);
  assertEquals(hangs.received.length, 1);
  const closing = rig.notifications.close(5_000);
  await clock.advance(5_000);
  await closing;
  assertEquals(rig.errors.length, 2);
});

Deno.test("the end waits five seconds for who hangs, not longer, and leaves nothing behind", async () => {
  await using http = new Receiver();
  using smtp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  http.replies("hangs");
  const clock = new ManualClock();
  const mail = `mail://127.0.0.1:${smtp.addr.port}/me@x.org?from=b@x.org`;
  const rig = new Rig([`webhook+${http.url}`, mail, "command:sleep 1000"], clock);
  rig.observe(PAUSED);
  using _connection = await smtp.accept();
  await http.waitFor(1);
  let isClosed = false;
  const closing = rig.notifications.close(5_000).then(() => isClosed = true);
  await clock.advance(4_999);
  assertEquals(isClosed, false);
  await clock.advance(1);
  await closing;
  assertEquals(
    rig.errors.map((error) => error.replace(/:\d+:/, ":")).toSorted(),
    [
      "Cannot notify command: there is no time left: paused is lost",
      "Cannot notify mail me@x.org: there is no time left: paused is lost",
      "Cannot notify webhook 127.0.0.1: there is no time left: paused is lost",
    ],
  );
  assertEquals(clock.sleeping, 0);
});

Deno.test("recoveries that wait for a calm are told before the end", async () => {
  await using receiver = new Receiver();
  const clock = new ManualClock();
  const rig = new Rig([`webhook+${receiver.url}`], clock);
  const found: RollEvent = { type: "check.unchanged", id: "v1" };
  for (let round = 0; round < 4; round++) rig.observe(CHECK_FAILED, found);
  rig.observe(STOPPED);
  await rig.notifications.close(5_000);
  const round = ["check_failed", "recovered"];
  assertEquals(events(receiver), [...round, ...round, ...round, ...round, "stopped"]);
  assertEquals(clock.sleeping, 0);
});

Deno.test("without receivers nothing is done", async () => {
  const rig = new Rig([]);
  rig.observe(CHECK_FAILED, STOPPED);
  await rig.notifications.check();
  await rig.notifications.close(0);
  await settled();
});

Deno.test("what will not work is said at the start, by the name of the receiver", async () => {
  const rig = new Rig([
    "slack://deploys",
    "mail://h/me@x.org?username=bot&password=s3cret",
    "webhook+https://x.org/s3cret?secret-file=/nowhere",
    "command:true",
  ]);
  await rig.notifications.check();
  assertEquals(rig.errors.map((error) => error.split(": ")[0]), [
    "Notifications to slack deploys",
    "Notifications to mail me@x.org",
    "Notifications to mail me@x.org",
    "Notifications to webhook x.org",
  ]);
  assert(!rig.errors.join().includes("s3cret"), rig.errors.join("\n"));
});

Deno.test("the guide names every event with its importance", () => {
  const guide = Deno.readTextFileSync(new URL("../../../docs/notifications.md", import.meta.url));
  const rows = [...guide.matchAll(/^\| `(\w+)`\s+\| (\w+)\s+\|/gm)].map((
    [, name, how],
  ) => [name, how]);
  assertEquals(Object.fromEntries(rows), EVENTS);
});
