import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { unitText } from "../../../src/commands/unit.ts";
import { type ResolvedOptions, resolveOptions } from "../../../src/config/resolve.ts";

const REQUIRED = ["--pull=git pull", "--id=git rev-parse HEAD", "--exec=./app --port <<PORT>>"];

function resolved(
  args: string[],
  env: Record<string, string> = {},
  file = "",
): ResolvedOptions {
  const resolution = resolveOptions({ args, env, readFile: () => file });
  if (resolution.kind !== "config") throw new Error(JSON.stringify(resolution));
  return resolution.resolved;
}

/** The words of ExecStart, one per line as they are written. */
function execStart(text: string): string[] {
  const lines = text.slice(text.indexOf("ExecStart=")).split("\n");
  const last = lines.findIndex((line) => !line.endsWith("\\"));
  return lines.slice(0, last + 1).map((line) => line.replace(/ \\$/, "").trim());
}

Deno.test("unitText() repeats the flags in their order, quoted for systemd", () => {
  const text = unitText(resolved([...REQUIRED, "--port", "9000"]));
  assertEquals(execStart(text), [
    "ExecStart=/usr/local/bin/liveroll",
    "run",
    '"--pull=git pull"',
    '"--id=git rev-parse HEAD"',
    '"--exec=./app --port <<PORT>>"',
    "--port=9000",
  ]);
});

Deno.test("unitText() turns the environment into flags and leaves the file where it is", () => {
  const text = unitText(resolved(
    ["--config", "conf/app.yaml"],
    { LIVEROLL_PULL: "git pull", LIVEROLL_ID: "git rev-parse HEAD" },
    "exec: ./app\nport: 9000\n",
  ));
  assertEquals(execStart(text).slice(2), [
    `--config=${Deno.cwd()}/conf/app.yaml`,
    '"--pull=git pull"',
    '"--id=git rev-parse HEAD"',
  ]);
  assertStringIncludes(text, "Description=liveroll on port 9000\n");
});

Deno.test("unitText() keeps a full path of a config file as it is", () => {
  const text = unitText(resolved([...REQUIRED, "--config=/etc/liveroll.yaml"], {}, "port: 9000"));
  assertStringIncludes(text, "--config=/etc/liveroll.yaml");
});

Deno.test("unitText() gives the whole path of every file", () => {
  const files = ["--tls-cert=c.pem", "--tls-key=/etc/k.pem", "--access-log=a.log"];
  assertEquals(execStart(unitText(resolved([...REQUIRED, ...files]))).slice(-3), [
    `--tls-cert=${Deno.cwd()}/c.pem`,
    "--tls-key=/etc/k.pem",
    `--access-log=${Deno.cwd()}/a.log`,
  ]);
  assertEquals(
    execStart(unitText(resolved([...REQUIRED, "--access-log=-"]))).at(-1),
    "--access-log=-",
  );
});

Deno.test("unitText() gives the stop as much time as all limits together, and some slack", () => {
  const text = unitText(resolved([
    ...REQUIRED,
    "--drain-timeout=2m",
    "--tunnel-grace=10s",
    "--stop-timeout=1m30s",
  ]));
  assertStringIncludes(text, "TimeoutStopSec=240s\n");
});

Deno.test("unitText() says where the program should be when it does not know", () => {
  assertMatch(unitText(resolved(REQUIRED)), /^# Put the program there.*\nExecStart=\/usr\/local/m);
});
