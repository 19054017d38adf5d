import { assert, assertEquals } from "@std/assert";
import {
  commandEnvironment,
  commandSource,
  hookCommands,
} from "../../../../src/commands/run/operator_commands.ts";
import { never } from "../../roll/fair_world.ts";
import { resolved } from "../../config/resolving.ts";

const AROUND = {
  env: { ...Deno.env.toObject(), LIVEROLL_INTERVAL: "81", NOTIFY_SOCKET: "/n", LANG: "C" },
  redact: (text: string) => text,
};

function configOf(flags: Record<string, string>) {
  const all = { pull: "true", id: "echo v1", exec: "e", ...flags };
  return resolved(Object.entries(all).map(([name, value]) => `--${name}=${value}`)).config;
}

Deno.test("commands see our environment without our options, and what is between us and others", () => {
  const { LANG, LIVEROLL_INTERVAL, NOTIFY_SOCKET } = commandEnvironment(AROUND.env);
  assertEquals([LANG, LIVEROLL_INTERVAL, NOTIFY_SOCKET], ["C", undefined, undefined]);
});

Deno.test("the source is told by its commands, in that environment", async () => {
  const id = "echo v1-$LANG-$LIVEROLL_INTERVAL";
  const source = commandSource(configOf({ id }), AROUND);
  assertEquals(await source.latest(never()), "v1-C-");
  await source.idle();
});

Deno.test("hooks run in that environment, and are told where the files of a version are", async () => {
  const releases = { releases: { directoryOf: (id: string) => `/releases/${id}` } };
  const context = { roll: 1, trigger: "interval", from: null, to: "v2", port: null } as const;
  for (const [around, expected] of [[null, ""], [releases, "/releases/v2"]] as const) {
    const check = `test "$LANG-$LIVEROLL_INTERVAL-$LIVEROLL_RELEASE_DIR" = "C--${expected}"`;
    const config = configOf({ "before-hook": check });
    const hooks = hookCommands(config, { ...AROUND, releases: around });
    assert(hooks.has("before") && !hooks.has("after"));
    const end = await hooks.run("before", { ...context, outcome: "started", phase: "" }, never());
    assertEquals(end.outcome, "succeeded");
    await hooks.idle();
  }
});
