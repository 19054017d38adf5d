import { assert, assertEquals, assertMatch } from "@std/assert";
import { poll } from "../../src/platform/poll.ts";
import { PATIENCE_MS } from "../helpers/event_log.ts";
import { type Liveroll, withLiveroll, withStarting } from "../helpers/liveroll.ts";

type Entry = Record<string, unknown>;

async function entries(path: string): Promise<Entry[]> {
  const text = await Deno.readTextFile(path).catch(() => "");
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** The entry of a request to `target`; waits for it. */
async function entryOf(path: string, target: string): Promise<Entry> {
  let found: Entry | undefined;
  const check = async () => {
    found = (await entries(path)).find((entry) => entry.target === target);
    return found !== undefined;
  };
  assert(await poll(check, { timeoutMs: PATIENCE_MS }), `no entry for ${target}`);
  return found ?? {};
}

/** Runs `test` with a liveroll whose access log is in its own directory. */
async function withAccessLog(
  flags: Record<string, string>,
  test: (liveroll: Liveroll, path: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/access.log`;
  try {
    await withLiveroll(
      { flags: { "access-log": path, ...flags } },
      (liveroll) => test(liveroll, path),
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

for (const engine of ["fetch", "relay"]) {
  Deno.test(`--access-log tells of every request (${engine})`, () =>
    withAccessLog({ engine }, async (liveroll, path) => {
      await liveroll.ask("/?one?a=b", { headers: { "user-agent": "e2e", referer: "/from" } });
      const entry = await entryOf(path, "/?one?a=b");
      const { method, status, user_agent, referer, version, tries, why, client } = entry;
      assertEquals(
        { method, status, user_agent, referer, version, tries, why, client },
        {
          method: "GET",
          status: 200,
          user_agent: "e2e",
          referer: "/from",
          version: "v1",
          tries: 1,
          why: [],
          client: "127.0.0.1",
        },
      );
      await liveroll.roll("v2");
      await liveroll.ask("/?two");
      const { version: next, backend } = await entryOf(path, "/?two");
      assertEquals(next, "v2");
      assert(backend !== entry.backend);
    }));

  Deno.test(`K37 --access-log believes trusted proxies about the client (${engine})`, () =>
    withAccessLog({ engine, "trusted-proxies": "127.0.0.1" }, async (liveroll, path) => {
      await liveroll.ask("/", { headers: { "x-forwarded-for": "6.6.6.6, 192.0.2.7" } });
      assertEquals((await entryOf(path, "/")).client, "192.0.2.7");
    }));
}

Deno.test("--access-log tells of every connection (tcp)", () =>
  withAccessLog({ engine: "tcp" }, async (liveroll, path) => {
    await liveroll.ask("/");
    const { protocol, version, status, response_bytes } = await entryOf(path, `:${liveroll.port}`);
    assertEquals({ protocol, version, status }, { protocol: "TCP", version: "v1", status: 0 });
    assert(Number(response_bytes) > 0);
  }));

Deno.test("--access-log-format combined is what other tools read", () =>
  withAccessLog({ "access-log-format": "combined" }, async (liveroll, path) => {
    await liveroll.ask("/?x", { headers: { "user-agent": 'quote"d' } });
    const read = () => Deno.readTextFile(path).catch(() => "");
    assert(await poll(async () => await read() !== "", { timeoutMs: PATIENCE_MS }));
    assertMatch(
      await read(),
      /^127\.0\.0\.1 - - \[\S+ \+0000\] "GET \/\?x HTTP\/1\.1" 200 \d+ "-" "quote\\"d" rt=\S+ backend=\S+ version=v1 tries=1 why=-\n$/,
    );
  }));

Deno.test("--access-log - writes to standard output", () =>
  withLiveroll({ flags: { "access-log": "-" } }, async (liveroll) => {
    await liveroll.ask("/?out");
    const { text } = await liveroll.waitForText('"target":"/?out"');
    assertEquals(JSON.parse(text).status, 200);
  }));

Deno.test("HUP opens the access log again", () =>
  withAccessLog({}, async (liveroll, path) => {
    await liveroll.ask("/?old");
    await entryOf(path, "/?old");
    await Deno.rename(path, `${path}.1`);
    await liveroll.rollAndRetireSame();
    await liveroll.ask("/?new");
    await entryOf(path, "/?new");
    assertEquals((await entries(`${path}.1`)).map(({ target }) => target), ["/?old"]);
  }));

Deno.test("what is left of the access log is written on a stop", () =>
  withAccessLog({}, async (liveroll, path) => {
    await liveroll.ask("/?last");
    await liveroll.stop();
    assertEquals((await entries(path)).map(({ target }) => target), ["/?last"]);
  }));

Deno.test("a reader of the access log that stalls keeps nobody waiting, not even a stop", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/pipe`;
  await new Deno.Command("mkfifo", { args: [path] }).output();
  // For reading and writing, so that opening it waits for nobody.
  const reader = await Deno.open(path, { read: true, write: true });
  try {
    await withLiveroll({ flags: { "access-log": path } }, async (liveroll) => {
      const target = `/?${"x".repeat(4000)}`;
      for (let i = 0; i < 400; i++) assertEquals((await liveroll.ask(target)).status, 200);
      const { text } = await liveroll.waitForText("Cannot keep up with the access log");
      assertEquals(JSON.parse(text).level, "warn");
      assertEquals((await liveroll.stop()).code, 0);
    });
  } finally {
    reader.close();
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("an access log that cannot be opened is refused with status 2, and nothing is started", () => {
  const flags = { "access-log": "/proc/nowhere/access.log", exec: "echo SPAWNED" };
  return withStarting({ flags }, async (liveroll) => {
    assertEquals((await liveroll.end()).code, 2);
    await liveroll.finished;
    const output = liveroll.log.dump();
    assertMatch(output, /Cannot open access log \/proc\/nowhere\/access\.log: No such file/);
    assertEquals(output.includes("SPAWNED"), false);
  });
});
