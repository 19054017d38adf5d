import { assertEquals } from "@std/assert";
import { RawConnection } from "../../conformance/raw.ts";
import { until } from "../../conformance/rig.ts";
import { ManualClock, settled } from "../proxy/manual_clock.ts";
import { logged, outputLine } from "./fake_operator.ts";
import { Rig, TOKEN } from "./rig.ts";

const ALLOWED = `Host: x\r\nAuthorization: Bearer ${TOKEN}\r\n`;
const GET = `GET /v1/healthz HTTP/1.1\r\nHost: x\r\n\r\n`;

for (
  const [name, text] of [
    ["nothing", ""],
    ["half a head", "GET /v1/healthz HTTP/1.1\r\nHo"],
  ] as const
) {
  Deno.test(`who says ${name} is closed after ten seconds`, async () => {
    const clock = new ManualClock();
    await using rig = await Rig.start({ clock });
    await using connection = await RawConnection.open(rig.port);
    await connection.write(text);
    while (clock.slept < 1) await settled();
    await clock.advance(10_000);
    assertEquals(await connection.read(), null);
  });
}

Deno.test("a body that has no end ends with its answer", async () => {
  await using rig = await Rig.start();
  await using connection = await RawConnection.open(rig.port);
  const head = `POST /v1/pin HTTP/1.1\r\n${ALLOWED}Content-Type: application/json\r\n`;
  await connection.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
  const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
  for (let i = 0; i < 4; i++) await connection.write(chunk);
  assertEquals((await connection.readHead())?.split(" ")[1], "413");
  while (await connection.read() !== null);
});

Deno.test("the connection of a stream whose reader does not read is closed", async () => {
  await using rig = await Rig.start();
  await using slow = await RawConnection.open(rig.port);
  await slow.write(`GET /v1/events HTTP/1.1\r\n${ALLOWED}\r\n`);
  await slow.readHead();
  const large = logged({ type: "journal.failed", detail: "x".repeat(50_000) });
  await until(() => {
    rig.operator.tell(large);
    return rig.operator.listeners === 0;
  }, "the end of the stream");
  await until(() => established(rig.port) === 0, "the end of its connection");
});

Deno.test("an answer that nobody takes is cut after thirty seconds", async () => {
  const clock = new ManualClock();
  await using rig = await Rig.start({ clock });
  rig.operator.lines = Array.from({ length: 300 }, () => outputLine(1, "x".repeat(100_000)));
  await using slow = await RawConnection.open(rig.port);
  await slow.write(`GET /v1/logs?limit=300 HTTP/1.1\r\n${ALLOWED}\r\n`);
  await slow.readHead();
  // As long as the system has room for more, each piece has its own thirty seconds.
  for (let waits = 0; established(rig.port) > 0; waits++) {
    assertEquals(waits < 1000, true, "it is still open");
    await clock.advance(10_000);
  }
});

Deno.test("who has not asked yet makes room for who comes", async () => {
  await using rig = await Rig.start();
  const first = await RawConnection.open(rig.port);
  const others: RawConnection[] = [];
  for (let i = 0; i < 200; i++) others.push(await RawConnection.open(rig.port));
  const last = await RawConnection.open(rig.port);
  await last.write(GET);
  assertEquals((await last.readHead())?.split(" ")[1], "200");
  assertEquals(await first.read(), null);
  assertEquals(established(rig.port) <= 128, true);
  for (const connection of [first, ...others, last]) await connection[Symbol.asyncDispose]();
});

Deno.test("a second request on a connection gets no answer", async () => {
  await using rig = await Rig.start();
  await using connection = await RawConnection.open(rig.port);
  await connection.write(GET);
  assertEquals((await connection.readHead())?.includes("connection: close"), true);
  while (await connection.read() !== null);
});

/** Connections that the server on `port` holds open, seen by the system. */
function established(port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = Deno.readTextFileSync("/proc/net/tcp").split("\n").map((row) => row.trim());
  const fields = rows.map((row) => row.split(/\s+/));
  return fields.filter(([, from, , state]) => from?.endsWith(local) && state === "01").length;
}
