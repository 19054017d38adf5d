import { assertEquals } from "@std/assert";
import { badDelay, defaultsOf } from "../../../../src/commands/dewy/defaults.ts";

Deno.test("a child of server that listens is well, and on a shared socket one that lives", () => {
  const tcp = { healthcheck: "tcp" };
  const timer = { healthcheck: "timer:1s" };
  const direct = { LIVEROLL_ENGINE: "direct" };
  assertEquals(defaultsOf("server", [], {}), tcp);
  assertEquals(defaultsOf("server", ["--engine=direct"], {}), timer);
  assertEquals(defaultsOf("server", ["--engine", "direct"], {}), timer);
  assertEquals(defaultsOf("server", [], direct), timer);
  assertEquals(defaultsOf("server", ["--engine=tcp"], direct), tcp);
  assertEquals(defaultsOf("container", [], direct), tcp);
  assertEquals(defaultsOf("assets", [], {}), {});
});

Deno.test("KILL_OLD_DELAY is the time that the old one stays, for server", () => {
  const env = { KILL_OLD_DELAY: "5" };
  assertEquals(defaultsOf("server", [], env)["keep-warm"], "5s");
  assertEquals(defaultsOf("container", [], env)["keep-warm"], undefined);
  assertEquals(badDelay("server", env), null);
  assertEquals(badDelay("server", {}), null);
  assertEquals(badDelay("assets", { KILL_OLD_DELAY: "soon" }), null);
  assertEquals(
    badDelay("server", { KILL_OLD_DELAY: "soon" }),
    'KILL_OLD_DELAY: "soon" is not a number of seconds, give for example 5',
  );
});
