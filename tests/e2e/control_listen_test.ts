import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { client } from "../helpers/client_command.ts";
import { Home } from "../helpers/home.ts";
import { ask } from "../helpers/http.ts";
import { type Liveroll, withLiveroll, withStarting } from "../helpers/liveroll.ts";

const TOKEN = "a-token-that-nobody-guesses";

/** A home with a token in a file, and the flags of a liveroll that is controlled there. */
class Scene implements Disposable {
  readonly home = new Home();
  readonly tokenFile: string = `${this.home.workspace.dir}/token`;

  constructor(token: string = TOKEN) {
    Deno.writeTextFileSync(this.tokenFile, `${token}\n`, { mode: 0o600 });
  }

  flags(host = "127.0.0.1"): Record<string, string> {
    return {
      "control-listen": `${host}:${this.home.sparePort}`,
      "control-token-file": this.tokenFile,
    };
  }

  [Symbol.dispose](): void {
    this.home[Symbol.dispose]();
  }
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

/** Runs `test` with a liveroll whose control API listens at its spare port. */
async function withControl(
  test: (liveroll: Liveroll, scene: Scene) => Promise<void>,
  host?: string,
): Promise<void> {
  using scene = new Scene();
  const { home } = scene;
  await withLiveroll(
    { home, version: "v1", flags: scene.flags(host) },
    (liveroll) => test(liveroll, scene),
  );
}

/** Fails unless a liveroll with these flags ends with 2 and has started nothing. */
async function assertRefuses(
  flags: Record<string, string | null>,
  message: string,
  options: { home?: Home; env?: Record<string, string> } = {},
): Promise<void> {
  using own = new Home();
  const { home = own, env = {} } = options;
  const touch = `touch ${home.workspace.dir}/started`;
  const all = { ...flags, pull: touch, exec: touch };
  await withStarting({ home, version: "v1", flags: all, env }, async (liveroll) => {
    assertEquals(await liveroll.end(), { code: 2, signal: null });
    await liveroll.finished;
    assertStringIncludes(liveroll.log.dump(), message);
    const left = [...Deno.readDirSync(home.workspace.dir)].map(({ name }) => name);
    assertEquals(left.filter((name) => name === "started" || name === "state"), []);
  });
}

for (const host of ["0.0.0.0", "[::]", "192.0.2.1", "host.example"]) {
  Deno.test(`liveroll does not let the control API listen on ${host} without a token`, () =>
    assertRefuses(
      { "control-listen": `${host}:31998` },
      "anybody who reaches this address could take control",
    ));
}

Deno.test("credentials without a token among them open no address to everybody", async () => {
  using home = new Home();
  const credentials = `${home.workspace.dir}/credentials`;
  Deno.mkdirSync(credentials);
  const flags = { "control-listen": `0.0.0.0:${home.sparePort}` };
  const message = "without a token: it is not a loopback address";
  await assertRefuses(flags, message, { home, env: { CREDENTIALS_DIRECTORY: credentials } });
});

Deno.test("an address that somebody else listens on is refused in one sentence", async () => {
  using home = new Home();
  using _ = Deno.listen({ hostname: "127.0.0.1", port: home.sparePort });
  const at = `127.0.0.1:${home.sparePort}`;
  await withStarting({ home, version: "v1", flags: { "control-listen": at } }, async (liveroll) => {
    assertEquals(await liveroll.end(), { code: 2, signal: null });
    await liveroll.finished;
    const errors = liveroll.log.lines.filter(({ level }) => level === "error");
    assertEquals(errors.map(({ message }) => message), [
      `Cannot listen on ${at}: the address is in use, by deno (pid ${Deno.pid})`,
    ]);
    assertEquals(liveroll.log.lines.filter(({ level }) => level === undefined), []);
    assertEquals(liveroll.events("check.started"), []);
  });
});

for (
  const [what, text, message] of [
    ["empty", "\n", "it is empty"],
    ["of several words", "two words", "it must be one word of visible ASCII characters"],
  ] as const
) {
  Deno.test(`a token file that is ${what} is refused, and nothing is started`, async () => {
    using scene = new Scene(text);
    await assertRefuses(scene.flags(), message, { home: scene.home });
  });
}

Deno.test("a token file that is not there is refused, and nothing is started", async () => {
  using scene = new Scene();
  const flags = { ...scene.flags(), "control-token-file": "/nonexistent/token" };
  await assertRefuses(flags, "/nonexistent/token", { home: scene.home });
});

Deno.test("over TCP nothing is told and nothing done without the right token", () =>
  withControl(async (liveroll) => {
    const wrongOnes = [{}, bearer("wrong"), bearer(`${TOKEN}x`), bearer(TOKEN.slice(1)), {
      authorization: `Basic ${btoa(`liveroll:${TOKEN}`)}`,
    }];
    const paths = ["/v1/status", "/v1/history", "/v1/logs", "/v1/events", "/metrics"];
    for (const headers of wrongOnes) {
      for (const path of paths) {
        const { status, text, headers: answered } = await ask(liveroll.sparePort, path, {
          headers,
        });
        assertEquals([status, JSON.parse(text).code], [401, "unauthorized"], path);
        assertMatch(answered.get("www-authenticate") ?? "", /^Bearer /);
        assert(!text.includes(TOKEN) && !text.includes("v1@"), text);
      }
      for (const path of ["/v1/pause", "/v1/stop", "/v1/hold"]) {
        const { status } = await ask(liveroll.sparePort, path, { method: "POST", headers });
        assertEquals(status, 401, path);
      }
    }
    const { headers } = { headers: bearer(TOKEN) };
    const { settings } = JSON.parse(
      (await ask(liveroll.sparePort, "/v1/status", { headers })).text,
    );
    assertEquals([settings.paused, settings.held], [false, false]);
    assertEquals((await liveroll.ask()).text, "v1");
  }));

Deno.test("the right token opens everything, on every address", () =>
  withControl(async (liveroll) => {
    const headers = bearer(TOKEN);
    const get = (path: string) => ask(liveroll.sparePort, path, { headers });
    const { current } = JSON.parse((await get("/v1/status")).text);
    assertEquals([current.id, current.port], ["v1", liveroll.childPorts[0]]);
    const metrics = await get("/metrics");
    assertEquals(metrics.status, 200);
    assertMatch(metrics.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    assertMatch(metrics.text, /^# TYPE liveroll_\w+ \w+$/m);
    const paused = await ask(liveroll.sparePort, "/v1/pause", { method: "POST", headers });
    assertEquals([paused.status, JSON.parse(paused.text).paused], [200, true]);
  }, "0.0.0.0"));

Deno.test("the page and the health of liveroll itself are for everybody, and tell nothing", () =>
  withControl(async (liveroll) => {
    const page = await ask(liveroll.sparePort, "/");
    assertEquals([page.status, page.headers.get("content-type")?.split(";")[0]], [
      200,
      "text/html",
    ]);
    assertMatch(page.headers.get("content-security-policy") ?? "", /default-src 'none'/);
    assert(!page.text.includes(liveroll.home.workspace.dir), "the page tells where the state is");
    const health = await ask(liveroll.sparePort, "/v1/healthz");
    assertEquals(health.status, 200);
    assertEquals(Object.keys(JSON.parse(health.text)), ["status", "version", "time"]);
  }));

Deno.test("the token may come from the credentials of the service manager", async () => {
  using home = new Home();
  const credentials = `${home.workspace.dir}/credentials`;
  Deno.mkdirSync(credentials);
  Deno.writeTextFileSync(`${credentials}/liveroll-token`, TOKEN);
  const flags = { "control-listen": `0.0.0.0:${home.sparePort}` };
  const env = { CREDENTIALS_DIRECTORY: credentials };
  await withLiveroll({ home, version: "v1", flags, env }, async (liveroll) => {
    assertEquals((await ask(liveroll.sparePort, "/v1/status")).status, 401);
    const headers = bearer(TOKEN);
    assertEquals((await ask(liveroll.sparePort, "/v1/status", { headers })).status, 200);
  });
});

Deno.test("commands reach another host with the token, and are told when it is wrong", () =>
  withControl(async (liveroll, { home, tokenFile }) => {
    const url = `--control-url=http://127.0.0.1:${liveroll.sparePort}`;
    const status = await client(["status", "--json", url, `--control-token-file=${tokenFile}`]);
    assertEquals([status.code, status.stderr], [0, ""]);
    assertEquals(JSON.parse(status.stdout).current.id, "v1");

    const wrong = `${home.workspace.dir}/wrong`;
    Deno.writeTextFileSync(wrong, "something-else-altogether");
    const refused = await client(["pause", url, `--control-token-file=${wrong}`]);
    assertEquals(refused, { code: 1, stdout: "", stderr: "liveroll: The token is wrong\n" });
    const without = await client(["pause", "--json", url]);
    assertEquals([without.code, JSON.parse(without.stdout).code], [1, "unauthorized"]);
    assertEquals(without.stderr, "liveroll: A bearer token is needed\n");
  }));

Deno.test("on loopback no token is needed, but pages of others that run in a browser get nothing", async () => {
  using home = new Home();
  const flags = { "control-listen": `127.0.0.1:${home.sparePort}` };
  await withLiveroll({ home, version: "v1", flags }, async (liveroll) => {
    const port = liveroll.sparePort;
    assertEquals((await ask(port, "/v1/status")).status, 200);
    const rebound = await ask(port, "/v1/status", { headers: { host: `evil.example:${port}` } });
    assertEquals([rebound.status, JSON.parse(rebound.text).code], [403, "forbidden"]);
    const headers = { origin: "http://evil.example" };
    const foreign = await ask(port, "/v1/stop", { method: "POST", headers });
    assertEquals([foreign.status, JSON.parse(foreign.text).code], [403, "forbidden"]);
    assertEquals((await liveroll.ask()).text, "v1");
  });
});

Deno.test("the socket is for its owner alone, and so is the directory", () =>
  withLiveroll({}, async (liveroll) => {
    const mode = async (path: string) => ((await Deno.lstat(path)).mode ?? 0) & 0o777;
    const { stateDir } = liveroll.home;
    assertEquals(await mode(`${stateDir}/control.sock`), 0o600);
    assertEquals(await mode(stateDir), 0o700);
    assertEquals(await mode(`${stateDir}/liveroll.db`) & 0o077, 0);
  }));

Deno.test("the token is not in the log, the records or the command line", () =>
  withControl(async (liveroll, { home, tokenFile }) => {
    await ask(liveroll.sparePort, "/v1/status", { headers: bearer(TOKEN) });
    await ask(liveroll.sparePort, `/v1/status?token=${TOKEN}`, { headers: bearer("wrong") });
    await liveroll.roll("v2");
    await liveroll.stop();
    assert(!liveroll.log.dump().includes(TOKEN));
    for (const { name } of Deno.readDirSync(home.stateDir)) {
      const path = `${home.stateDir}/${name}`;
      if (!Deno.lstatSync(path).isFile) continue;
      const text = new TextDecoder("latin1").decode(Deno.readFileSync(path));
      assert(!text.includes(TOKEN), `${path} holds the token of ${tokenFile}`);
    }
  }));
