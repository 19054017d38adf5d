import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ControlDoors, readControlSecrets } from "../../../../src/commands/run/control.ts";
import type { Config } from "../../../../src/config/config.ts";
import { recordingLog } from "../../platform/recording_log.ts";
import { FakeOperator } from "../../../helpers/fake_operator.ts";
import { freePort } from "../../platform/processes.ts";
import { TempDirectory } from "../../state/temp_directory.ts";

const TOKEN = "correct-horse-battery-staple";

/** What the secrets are read by. */
function config(given: Partial<Config>): Config {
  const none = { controlListen: null, controlTokenFile: null, webhookSecretFile: null };
  return { ...none, ...given } as Config;
}

/** Writes a secret that only its owner may read, unless `mode` says otherwise. */
function secretFile(directory: string, name: string, text: string, mode = 0o600): string {
  const path = `${directory}/${name}`;
  Deno.writeTextFileSync(path, text, { mode });
  Deno.chmodSync(path, mode);
  return path;
}

const LOCAL = { host: "127.0.0.1", port: 9 };

Deno.test("K32 nobody listens by TCP: no file is read, and no secret is needed", async () => {
  const given = config({ controlTokenFile: "/not/there", webhookSecretFile: "/not/there" });
  assertEquals(await readControlSecrets(given, {}, recordingLog()), {
    token: null,
    webhookSecret: null,
  });
});

Deno.test("K32 token and webhook secret are read from their files, without the line's end", async () => {
  using dir = new TempDirectory();
  const log = recordingLog();
  const given = config({
    controlListen: LOCAL,
    controlTokenFile: secretFile(dir.path, "token", `${TOKEN}\n`),
    webhookSecretFile: secretFile(dir.path, "hook", "another-secret-of-good-length\n"),
  });
  assertEquals(await readControlSecrets(given, {}, log), {
    token: TOKEN,
    webhookSecret: "another-secret-of-good-length",
  });
  assertEquals(log.entries, []);
});

Deno.test("K32 a secret that others may read is used, with a warning", async () => {
  using dir = new TempDirectory();
  const log = recordingLog();
  const controlTokenFile = secretFile(dir.path, "token", TOKEN, 0o644);
  const given = config({ controlListen: LOCAL, controlTokenFile });
  assertEquals((await readControlSecrets(given, {}, log)).token, TOKEN);
  assertEquals(log.entries.map(({ level, properties }) => [level, properties.event]), [
    ["warn", "secret.open"],
  ]);
  assertStringIncludes(log.messages()[0]!, controlTokenFile);
  assert(!log.messages()[0]!.includes(TOKEN));
});

for (const name of ["controlTokenFile", "webhookSecretFile"] as const) {
  Deno.test(`K32 ${name} that is not there is an error that names the file`, async () => {
    const given = config({ controlListen: LOCAL, [name]: "/not/there/secret" });
    const error = await assertRejects(() => readControlSecrets(given, {}, recordingLog()), Error);
    assertStringIncludes((error as Error).message, "/not/there/secret");
  });
}

/** Doors of an operator that does nothing, in a directory of their own. */
async function open(listen: Config["controlListen"], token: string | null, socketPath: string) {
  const log = recordingLog();
  const doors = await ControlDoors.open(
    new FakeOperator(),
    { controlListen: listen, app: "blog" },
    { token, webhookSecret: null },
    socketPath,
    log,
  );
  return { log, doors };
}

async function bySocket(path: string): Promise<number> {
  using client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
  const answer = await fetch("http://127.0.0.1/v1/status", { client });
  await answer.body?.cancel();
  return answer.status;
}

async function byTcp(port: number, token?: string): Promise<number> {
  const headers: Record<string, string> = token === undefined
    ? {}
    : { authorization: `Bearer ${token}` };
  const answer = await fetch(`http://127.0.0.1:${port}/v1/status`, { headers });
  await answer.body?.cancel();
  return answer.status;
}

Deno.test("K32 without --control-listen there is the socket, for its owner alone", async () => {
  using dir = new TempDirectory();
  const path = `${dir.path}/control.sock`;
  const { doors, log } = await open(null, null, path);
  {
    await using _ = doors;
    assertEquals([await bySocket(path), log.entries], [200, []]);
    assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
  }
  await assertRejects(() => bySocket(path));
});

Deno.test("K32 with --control-listen there are both doors; the token is asked for by TCP only", async () => {
  using dir = new TempDirectory();
  const path = `${dir.path}/control.sock`;
  const port = freePort();
  const { doors, log } = await open({ host: "127.0.0.1", port }, TOKEN, path);
  await using _ = doors;
  assertEquals([await bySocket(path), await byTcp(port, TOKEN)], [200, 200]);
  assertEquals([await byTcp(port), await byTcp(port, "wrong")], [401, 401]);
  assertEquals(log.messages(), [`Control API of blog at http://127.0.0.1:${port}/`]);
});

Deno.test("K32 an address that is taken is had as soon as it is free", async () => {
  using dir = new TempDirectory();
  const port = freePort();
  const path = `${dir.path}/control.sock`;
  const other = Deno.listen({ hostname: "127.0.0.1", port });
  const { doors, log } = await open({ host: "127.0.0.1", port }, TOKEN, path);
  await using _ = doors;
  assertEquals([await bySocket(path), log.entries], [200, []]);
  other.close();
  while (log.entries.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  assertEquals(log.messages(), [`Control API of blog at http://127.0.0.1:${port}/`]);
  assertEquals(await byTcp(port, TOKEN), 200);
});

Deno.test("K32 an address that stays taken is told of once, and is no reason to hang at the end", async () => {
  using dir = new TempDirectory();
  const port = freePort();
  using _ = Deno.listen({ hostname: "127.0.0.1", port });
  const { doors, log } = await open({ host: "127.0.0.1", port }, TOKEN, `${dir.path}/sock`);
  while (log.entries.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await doors[Symbol.asyncDispose]();
  assertEquals(log.messages(), [`Cannot listen on 127.0.0.1:${port}: the address is in use`]);
});

Deno.test("K32 nobody without a token is let in from other machines: that is an error", async () => {
  using dir = new TempDirectory();
  await assertRejects(
    () => open({ host: "0.0.0.0", port: freePort() }, null, `${dir.path}/control.sock`),
    Error,
    "token",
  );
});

Deno.test("K32 a socket that cannot be is told, and what runs goes on", async () => {
  using dir = new TempDirectory();
  const port = freePort();
  const path = `${dir.path}/not/there/control.sock`;
  const { doors, log } = await open({ host: "127.0.0.1", port }, TOKEN, path);
  await using _ = doors;
  assertEquals(await byTcp(port, TOKEN), 200);
  assertEquals(log.entries.at(-1)?.level, "warn");
  assertEquals(log.entries.at(-1)?.properties.event, "control.error");
});
