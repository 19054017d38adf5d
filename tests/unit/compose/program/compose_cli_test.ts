import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ComposeCli } from "../../../../src/compose/program/compose_cli.ts";
import { ComposeError } from "../../../../src/compose/program/compose_error.ts";
import type { ComposeStack } from "../../../../src/compose/program/stack.ts";
import { StandIns } from "./stand_in.ts";

type Act = (compose: ComposeCli, stack: ComposeStack) => Promise<unknown>;

const UP = ["up", "--detach", "--no-deps", "--no-build", "--quiet-pull"];
const ONCE = ["run", "--rm", "--no-deps", "-T"];

/** What is done, and what compose is told, behind what every call begins with. */
const CALLS: readonly [what: string, act: Act, args: string[]][] = [
  [
    "pull",
    (it, stack) => it.pull(stack, ["web", "job"]),
    ["pull", "--quiet", "--", "web", "job"],
  ],
  ["up", (it, stack) => it.up(stack, ["web"]), [...UP, "--", "web"]],
  [
    "up, scaled out",
    (it, stack) =>
      it.up(stack, ["web"], { existing: "keep", scale: { service: "web", replicas: 4 } }),
    [...UP, "--no-recreate", "--scale", "web=4", "--", "web"],
  ],
  [
    "up, all anew",
    (it, stack) => it.up(stack, ["web"], { existing: "always", stopTimeoutMs: 2_500 }),
    [...UP, "--force-recreate", "--timeout", "3", "--", "web"],
  ],
  ["stop", (it, stack) => it.stop(stack, ["web"]), ["stop", "--", "web"]],
  [
    "stop with patience",
    (it, stack) => it.stop(stack, ["web"], { stopTimeoutMs: 30_000 }),
    ["stop", "--timeout", "30", "--", "web"],
  ],
  [
    "runOnce",
    (it, stack) => it.runOnce(stack, { service: "web", command: ["sh", "-c", "a 'b' $C"] }),
    [...ONCE, "--", "web", "sh", "-c", "a 'b' $C"],
  ],
  [
    "runOnce with everything",
    (it, stack) =>
      it.runOnce(stack, {
        service: "web",
        command: ["--x"],
        entrypoint: "tar",
        env: { TOKEN: "hidden" },
      }),
    [...ONCE, "--entrypoint", "tar", "-e", "TOKEN", "--", "web", "--x"],
  ],
];

for (const major of [1, 2] as const) {
  for (const [what, act, args] of CALLS) {
    Deno.test(`compose ${major} is told how to ${what}`, async () => {
      using standIns = new StandIns();
      standIns.add(major === 2 ? "docker" : "docker-compose", "exit 0");
      await act(standIns.compose(major), standIns.stack);
      assertEquals(standIns.args, [
        ...(major === 2 ? ["compose"] : []),
        ...["-p", "blog", "--project-directory", standIns.path],
        ...["-f", "/srv/blog/compose.yaml", "-f", "/var/lib/liveroll/override.json"],
        ...["--env-file", "/srv/blog/prod.env", "--profile", "web"],
        ...args,
      ]);
    });
  }
}

Deno.test("config() asks compose 2 for JSON, compose 1 for what it has", async () => {
  using standIns = new StandIns();
  standIns.add("docker", `echo warning >&2; echo '{"services":{"web":{"image":"a"}}}'`);
  standIns.add("docker-compose", "printf 'services:\\n  web:\\n    image: b\\n'");
  const stack = { ...standIns.stack, envFile: null, profiles: [] };
  const two = await standIns.compose(2).config(stack);
  assertEquals(standIns.args.slice(-3), ["config", "--format", "json"]);
  assertEquals(standIns.args.includes("--env-file"), false);
  const one = await standIns.compose(1).config(stack);
  assertEquals(standIns.args.at(-1), "config");
  assertEquals([two, one].map(({ services }) => services.get("web")?.image), ["a", "b"]);
});

Deno.test("config() does not repeat what it cannot understand: it may be secret", async () => {
  using standIns = new StandIns();
  standIns.add("docker", "echo '{ s3cret'");
  standIns.add("docker-compose", "echo '{ s3cret'");
  for (const major of [1, 2] as const) {
    const error = await assertRejects(() => standIns.compose(major).config(standIns.stack), Error);
    assertEquals(error.message, "Cannot understand the configuration that compose prints");
    assertEquals(error.cause, undefined);
  }
});

Deno.test("defaultProject() has compose 2 name the stack; compose 1 knows no name:", async () => {
  using standIns = new StandIns();
  standIns.add("docker", `echo '{"name":"blog","services":{"web":{}}}'`);
  const { project: _, ...unnamed } = standIns.stack;
  assertEquals(await standIns.compose(1).defaultProject(unnamed), null);
  const env = { ...standIns.env, COMPOSE_PROJECT_NAME: "other" };
  assertEquals(await standIns.compose(2, { env }).defaultProject(unnamed), "blog");
  assertEquals(standIns.args.slice(0, 3), ["compose", "--project-directory", standIns.path]);
  assertEquals(standIns.seen.has("COMPOSE_PROJECT_NAME"), false);
});

Deno.test("ps() finds containers by their labels, without those of one-shot commands", async () => {
  using standIns = new StandIns();
  standIns.add("docker", "printf 'c1\\nc2\\n'");
  assertEquals(await standIns.compose(1).ps(standIns.stack, "web"), ["c1", "c2"]);
  assertEquals(standIns.args, [
    ...["ps", "--all", "--quiet", "--no-trunc"],
    ...["--filter", "label=com.docker.compose.project=blog"],
    ...["--filter", "label=com.docker.compose.service=web"],
    ...["--filter", "label=com.docker.compose.oneoff=False"],
  ]);
  const findContainers = (labels: Readonly<Record<string, string>>) => Object.values(labels);
  const compose = standIns.compose(2, { findContainers });
  assertEquals(await compose.ps(standIns.stack, "web"), ["blog", "web", "False"]);
});

/** What 2.40.3 prints when a label was added to the network `back`, which `web` and `db` are in. */
const REHEARSAL = ` DRY-RUN MODE -  Container blog-web-1  Stopping
 DRY-RUN MODE -  Container blog-web-1  Stopped
 DRY-RUN MODE -  Network blog_back  Removed
 DRY-RUN MODE -  Container blog-web-1  Running
 DRY-RUN MODE -  Container blog-web-2  Creating
 DRY-RUN MODE -  Container blog-web-2  Created
`;

Deno.test("changedNetworks() has compose 2 rehearse, and tells which networks would go", async () => {
  using standIns = new StandIns();
  standIns.add("docker", `cat ${standIns.path}/said >&2; exit 1`);
  Deno.writeTextFileSync(`${standIns.path}/said`, REHEARSAL);
  const compose = standIns.compose(2);
  assertEquals(await compose.changedNetworks(standIns.stack, ["web"]), ["blog_back"]);
  const [up, ...rest] = UP;
  assertEquals(standIns.args.slice(-9), [up, "--dry-run", ...rest, "--no-recreate", "--", "web"]);
  Deno.writeTextFileSync(`${standIns.path}/said`, "unknown flag: --dry-run\n");
  assertEquals(await compose.changedNetworks(standIns.stack, ["web"]), []);
});

Deno.test("changedNetworks() does not ask compose 1, which cannot rehearse", async () => {
  using standIns = new StandIns();
  standIns.add("docker-compose", "exit 0");
  assertEquals(await standIns.compose(1).changedNetworks(standIns.stack, ["web"]), []);
  assert(!standIns.names().includes("args"), "nothing was called");
});

Deno.test("the managed variable does not reach compose, and the project's name is ours", async () => {
  using standIns = new StandIns();
  standIns.add("docker", "exit 0");
  const env = {
    ...standIns.env,
    APP_VERSION: "0",
    OTHER: "1",
    NOTIFY_SOCKET: "/run/x",
    COMPOSE_FILE: "/elsewhere.yaml",
    COMPOSE_PROJECT_NAME: "other",
    COMPOSE_REMOVE_ORPHANS: "1",
    DOCKER_HOST: "unix:///x",
  };
  const compose = standIns.compose(2, { env, managedKey: "APP_VERSION" });
  await compose.runOnce(standIns.stack, { service: "web", command: [], env: { TOKEN: "t" } });
  const { seen } = standIns;
  const names = ["APP_VERSION", "NOTIFY_SOCKET", "COMPOSE_FILE"];
  assertEquals(names.filter((name) => seen.has(name)), []);
  assertEquals(seen.get("COMPOSE_PROJECT_NAME"), "blog");
  assertEquals(seen.get("COMPOSE_REMOVE_ORPHANS"), "false", "they are others' containers");
  assertEquals([seen.get("OTHER"), seen.get("DOCKER_HOST"), seen.get("TOKEN")], [
    "1",
    "unix:///x",
    "t",
  ]);
});

Deno.test("compose runs where the operator would run it, whatever that is called", async () => {
  using standIns = new StandIns();
  const directory = `${standIns.path}/it's $HOME`;
  Deno.mkdirSync(directory);
  standIns.add("docker", `echo "$PWD" > ${standIns.path}/pwd`);
  await standIns.compose().up({ ...standIns.stack, directory }, ["web"]);
  assertEquals(Deno.readTextFileSync(`${standIns.path}/pwd`), `${directory}\n`);
  assertEquals(standIns.args.at(4), directory);
});

Deno.test("a failure tells action, code and the last lines, without secrets and colours", async () => {
  using standIns = new StandIns();
  standIns.add("docker", `printf '\\033[31mno s3cret access\\033[0m\\n\\n' >&2; exit 17`);
  const error = await assertRejects(
    () => standIns.compose().up(standIns.stack, ["web"]),
    ComposeError,
  );
  assertEquals(error.message, "Cannot run compose up: exit code 17: no [redacted] access");
  const { action, failure, code, lastLines } = error;
  assertEquals([action, failure, code], ["up", "failed", 17]);
  assertEquals(lastLines, ["no [redacted] access"]);
});

Deno.test("what compose prints is heard line by line, without secrets", async () => {
  using standIns = new StandIns();
  standIns.add("docker", "echo one; echo s3cret >&2");
  const heard: string[] = [];
  await standIns.compose().pull(standIns.stack, ["web"], { onLine: (line) => heard.push(line) });
  assertEquals(heard.toSorted(), ["[redacted]", "one"]);
});

Deno.test("a compose that does not end is ended, and so is what it has started", async () => {
  using standIns = new StandIns();
  standIns.add("docker", "sleep 60 & sleep 60");
  const error = await assertRejects(
    () => standIns.compose().up(standIns.stack, ["web"], { timeoutMs: 50 }),
    ComposeError,
    "Cannot run compose up: it did not come to an end in time",
  );
  assertEquals(error.failure, "timed_out");
  const calledOff = new AbortController();
  const up = standIns.compose().up(standIns.stack, ["web"], { signal: calledOff.signal });
  calledOff.abort(new Error("called off"));
  await assertRejects(() => up, Error, "called off");
});

Deno.test("a killed compose is not taken for one that has failed", async () => {
  using standIns = new StandIns();
  standIns.add("docker", "kill -9 $$");
  const error = await assertRejects(
    () => standIns.compose().up(standIns.stack, ["web"]),
    ComposeError,
  );
  assertEquals([error.failure, error.code], ["killed", null]);
});

Deno.test("a missing compose is told as such", async () => {
  using standIns = new StandIns();
  const error = await assertRejects(
    () => standIns.compose(1).up(standIns.stack, ["web"]),
    ComposeError,
    "neither docker compose nor docker-compose can be found",
  );
  assertEquals(error.failure, "missing");
});

Deno.test("an engine that is too new for compose 1 is told with the way out", async () => {
  using standIns = new StandIns();
  standIns.add("docker-compose", `echo "KeyError: 'ContainerConfig'" >&2; exit 1`);
  await assertRejects(
    () => standIns.compose(1).up(standIns.stack, ["web"]),
    ComposeError,
    "docker-compose 1 cannot replace containers of this engine (KeyError: 'ContainerConfig'); " +
      "install docker compose 2",
  );
});

Deno.test("runOnce() gives the code of the command; a file is its output", async () => {
  using standIns = new StandIns();
  standIns.add("docker", "printf bytes; echo bad >&2; exit 3");
  const stdoutPath = `${standIns.path}/o'ut`;
  const shot = { service: "web", command: [], stdoutPath };
  const { code, lastLines } = await standIns.compose().runOnce(standIns.stack, shot);
  assertEquals([code, lastLines], [3, ["bad"]]);
  assertEquals(Deno.readTextFileSync(stdoutPath), "bytes");
});

Deno.test("runOnce() does not take the code that compose 1 prints for a word of the command", async () => {
  using standIns = new StandIns();
  standIns.add("docker-compose", "echo bad >&2; echo 3 >&2; exit 3");
  const shot = { service: "web", command: [] };
  const { code, lastLines } = await standIns.compose(1).runOnce(standIns.stack, shot);
  assertEquals([code, lastLines], [3, ["bad"]]);
});

Deno.test("names that would be options, and no names at all, do not get as far as compose", async () => {
  using standIns = new StandIns();
  standIns.add("docker", "exit 0");
  const compose = standIns.compose();
  for (const service of ["--volumes", "-v", "", "a b", "a\n"]) {
    await assertRejects(
      () => compose.up(standIns.stack, [service]),
      Error,
      `Cannot use ${JSON.stringify(service)} as the name of a service`,
    );
  }
  await assertRejects(() => compose.stop(standIns.stack, []), Error, "no service is named");
  assert(!standIns.names().includes("args"), "nothing was called");
});
