import { assert, assertEquals } from "@std/assert";
import { type Liveroll, withStarting } from "../helpers/liveroll.ts";

async function assertRefused(liveroll: Liveroll, ...words: string[]): Promise<void> {
  const { code } = await liveroll.end();
  await liveroll.finished;
  const output = liveroll.log.dump();
  assertEquals(code, 2, output);
  for (const word of words) assert(output.includes(word), `${word} is missing in: ${output}`);
  assert(!output.includes("SPAWNED"), output);
  assertEquals(liveroll.descendants(), []);
}

/** All three commands would be noticed. */
const TELLTALE = { pull: "echo SPAWNED", id: "echo SPAWNED", exec: "echo SPAWNED" };

for (
  const [what, flags, words] of [
    ["a missing command", { exec: null }, ["exec"]],
    ["equal child ports", { "child-port1": "23456", "child-port2": "23456" }, ["23456"]],
    ["port 0", { "child-port1": "0" }, ["child-port1"]],
    ["a port that does not exist", { "child-port2": "65536" }, ["65536"]],
    ["a port that is none", { "child-port1": "http" }, ["http"]],
    ["a bad duration", { "health-timeout": "soon" }, ["health-timeout", "soon"]],
    ["an unknown strategy", { strategy: "canary" }, ["canary", "blue-green"]],
    ["an unknown flag", { "health-timout": "1s" }, ["health-timout", "health-timeout"]],
    ["a config file that is not there", { config: "/nonexistent.yaml" }, ["/nonexistent.yaml"]],
  ] as [string, Record<string, string | null>, string[]][]
) {
  Deno.test(`K13 K60 B23 refused with status 2 before anything is started: ${what}`, () =>
    withStarting(
      { flags: { ...TELLTALE, ...flags } },
      (liveroll) => assertRefused(liveroll, ...words),
    ));
}

Deno.test("B23 a child port that is the proxy's own is refused with status 2", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = `${listener.addr.port}`;
  await withStarting(
    { flags: { ...TELLTALE, port, "child-port2": port } },
    (liveroll) => assertRefused(liveroll, port),
  );
});

Deno.test("B24 a proxy port that is taken is refused with status 2, and nothing is started", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = `${listener.addr.port}`;
  await withStarting(
    { flags: { ...TELLTALE, port } },
    (liveroll) => assertRefused(liveroll, port),
  );
});
