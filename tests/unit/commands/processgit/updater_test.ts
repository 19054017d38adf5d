import { assertEquals, assertMatch } from "@std/assert";
import { main } from "../../../../src/commands/mod.ts";
import { type FakeIo, fakeIo } from "../fake_io.ts";

const FILES = { "/deploy/docker-compose.yml": "", "/deploy/.env": "" };
const GOOD = {
  PROCESSGIT_UPDATER_TOKEN: "t".repeat(32),
  PROCESSGIT_UPDATER_STUB: "false",
  PROCESSGIT_UPDATER_LISTEN: "127.0.0.1:9000",
};

/** `liveroll updater` that only looks. */
async function check(env: Record<string, string>, files: Record<string, string> = FILES) {
  const io: FakeIo = fakeIo(env, { files });
  const code = await main(["updater", "--check", "--port=80"], io);
  return { code, said: io.complained };
}

Deno.test("liveroll updater says all that is wrong at once, and does nothing", async () => {
  const { code, said } = await check({ PROCESSGIT_UPDATER_REPO: "x" }, {});
  assertEquals(code, 2);
  assertEquals(said.map((line) => line.split(": ")[1]), [
    "PROCESSGIT_UPDATER_TOKEN",
    "PROCESSGIT_UPDATER_REPO",
    "PROCESSGIT_UPDATER_COMPOSE_FILE",
    "PROCESSGIT_UPDATER_ENV_FILE",
  ]);
  assertMatch(
    said[2]!,
    /"\/deploy\/docker-compose.yml" cannot be read: .*; give its path on this h/,
  );
});

Deno.test("liveroll updater has no stub mode, and points to --dry-run", async () => {
  const { code, said } = await check({ ...GOOD, PROCESSGIT_UPDATER_STUB: "true" });
  assertEquals([code, said.length], [2, 1]);
  assertMatch(said[0]!, /^liveroll: PROCESSGIT_UPDATER_STUB: "true": .* --dry-run$/);
});

Deno.test("a variable that nobody reads is warned of", async () => {
  const { said } = await check({
    ...GOOD,
    PROCESSGIT_UPDATER_LISTN: "x",
    PROCESSGIT_UPDATER_COLOUR: "blue",
    PROCESSGIT_UPDATER_URL: "http://processgit-updater:9000",
  });
  assertEquals(said.slice(0, 2), [
    "liveroll: warning: PROCESSGIT_UPDATER_COLOUR is not read by anybody",
    "liveroll: warning: PROCESSGIT_UPDATER_LISTN is not read by anybody " +
    "(did you mean PROCESSGIT_UPDATER_LISTEN?)",
  ]);
});

Deno.test("with nothing wrong the stack itself is looked at", async () => {
  const { code, said } = await check(GOOD);
  assertEquals([code, said.length], [2, 1]);
  assertMatch(said[0]!, /Cannot read the compose file \/deploy\/docker-compose.yml/);
});

Deno.test("liveroll updater explains itself without any variable", async () => {
  const io = fakeIo();
  assertEquals(await main(["updater", "-h"], io), 0);
  assertMatch(io.printed.join("\n"), /^Usage: liveroll updater \[options\]/);
});

for (const words of [["x"], ["--", "X"], ["--", "A=1", "b"]]) {
  Deno.test(`liveroll migrate processgit ${words.join(" ")} is told how it is called`, async () => {
    const io = fakeIo();
    assertEquals(await main(["migrate", "processgit", ...words], io), 2);
    assertMatch(io.complained.join("\n"), /give variables as NAME=VALUE/);
  });
}

Deno.test("liveroll migrate processgit reads the environment, and shows no token", async () => {
  const io = fakeIo({ ...GOOD, PROCESSGIT_UPDATER_GITHUB_TOKEN: "ghp_secret" });
  assertEquals(await main(["migrate", "processgit", "--", "--port=80", "--interval=1h"], io), 0);
  const [line = ""] = io.printed;
  assertMatch(line, /^liveroll compose .* --notify-only .* --port=80 --interval=1h$/);
  assertEquals(/ttt|ghp_|interval=10m/.test([...io.printed, ...io.complained].join()), false);
});
