import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { EventHub } from "../../../../src/commands/run/event_hub.ts";
import { RegistryParts } from "../../../../src/commands/run/registry_parts.ts";
import type { Config } from "../../../../src/config/config.ts";
import type { RollEvent } from "../../../../src/roll/events.ts";
import type { Updater } from "../../../../src/roll/updater.ts";
import { TempDirectory } from "../../artifact/temp_directory.ts";
import { REQUIRED, resolved } from "../../config/resolving.ts";

const never = new AbortController().signal;
const { os, arch } = Deno.build;
const FILE = `app_${os}_${arch}.tar.gz`;

/** A directory with releases in `registry/`, and a host in `state/` and `root/`. */
async function published(...tags: readonly string[]): Promise<TempDirectory> {
  const directory = new TempDirectory();
  await Deno.writeTextFile(`${directory.path}/app`, "#!/bin/sh\n");
  for (const tag of tags) {
    const path = `${directory.path}/registry/${tag}`;
    await Deno.mkdir(path, { recursive: true });
    const args = ["-czf", `${path}/${FILE}`, "-C", directory.path, "app"];
    await new Deno.Command("tar", { args }).output();
  }
  return directory;
}

function configOf({ path }: TempDirectory, flags: readonly string[] = []): Config {
  const where = [`--state-dir=${path}/state`, `--release-root=${path}/root`];
  const registry = `--registry=file://${path}/registry`;
  return resolved([registry, "--exec=./app", ...where, ...flags]).config;
}

async function open(config: Config): Promise<RegistryParts> {
  const parts = await RegistryParts.open(config, {});
  if (parts === null) throw new Error("There is no registry");
  return parts;
}

/** Follows what `tell` says from then on. */
function follow(parts: RegistryParts, config: Config, some: Record<string, unknown> = {}) {
  const observers: ((event: RollEvent) => void)[] = [];
  const hub = { addObserver: (observer: (event: RollEvent) => void) => observers.push(observer) };
  const updater = {
    stage: { list: () => new Map([[{ id: "v1.0.0", exit: null }, "current"]]) },
    runningId: "v1.0.0",
    proven: { before: () => "v0.9.0" },
    ...some,
  };
  parts.follow(hub as unknown as EventHub, config, updater as unknown as Updater);
  return (event: unknown) => observers.forEach((observer) => observer(event as RollEvent));
}

const ROLL = { type: "roll.started", roll: 1, from: null, to: "v1.0.0", trigger: "start" };
const INSTANCE = { key: "i1", id: "v1.0.0", port: 1, pid: 1 };
const SWITCHED = { type: "roll.switched", roll: 1, instance: INSTANCE, from: null };
const SUCCEEDED = { type: "roll.succeeded", roll: 1, id: "v1.0.0", durationMs: 1 };

Deno.test("without --registry versions come from commands", async () => {
  assertEquals(await RegistryParts.open(resolved(REQUIRED).config, {}), null);
});

Deno.test("the newest release is named, and its files are brought to the release root", async () => {
  using directory = await published("v1.0.0", "v0.9.0");
  const parts = await open(configOf(directory));
  assertEquals(await parts.source().latest(never, null), "v1.0.0");
  await parts.releases?.fetch("v1.0.0", never);
  assertEquals(directory.names("root/releases").length, 2);
  await parts.close();
});

Deno.test("downloads are nobody's business, and what is on this machine is not cached again", async () => {
  using directory = await published("v1.0.0");
  const parts = await open(configOf(directory));
  await parts.releases?.fetch("v1.0.0", never);
  await parts.close();
  assertEquals(Deno.statSync(`${directory.path}/state/downloads`).mode! & 0o777, 0o700);
  assertEquals(directory.names("state"), ["downloads"]);
});

Deno.test("images are brought here by others", async () => {
  using directory = new TempDirectory();
  const parts = await open(configOf(directory, ["--registry=img://ghcr.io/owner/app"]));
  assertEquals(parts.releases, null);
  await parts.close();
});

Deno.test("current follows the switch, and a record is written before the end", async () => {
  using directory = await published("v1.0.0");
  const config = configOf(directory);
  const parts = await open(config);
  const tell = follow(parts, config);
  assertEquals([...parts.inUse], ["v1.0.0", "v1.0.0", "v0.9.0"]);
  await parts.releases?.fetch("v1.0.0", never);
  for (const event of [ROLL, SWITCHED, SUCCEEDED]) tell(event);
  await parts.close();
  assertEquals(Deno.readTextFileSync(`${directory.path}/root/current/app`), "#!/bin/sh\n");
  const [record = "", ...others] = directory.names("registry/v1.0.0").filter((n) => n !== FILE);
  assertMatch(record, /^shipped_to_.+_server_at_\d{8}T\d{6}\.\d{9}Z\.txt$/);
  assertEquals(others, []);
});

Deno.test("what Dewy has left is taken over: the link with the first switch, its releases stay", async () => {
  using directory = await published("v1.0.0");
  const root = `${directory.path}/root`;
  const old = `${root}/releases/20250101T000000Z`;
  await Deno.mkdir(old, { recursive: true });
  await Deno.writeTextFile(`${old}/app`, "the old one");
  await Deno.symlink(old, `${root}/current`);
  await Deno.mkdir(`${root}/.dewy/cache`, { recursive: true });
  const config = configOf(directory);
  const parts = await open(config);
  const tell = follow(parts, config);
  await parts.releases?.fetch("v1.0.0", never);
  assertEquals(Deno.readTextFileSync(`${root}/current/app`), "the old one");
  for (const event of [ROLL, SWITCHED, SUCCEEDED]) tell(event);
  await parts.close();
  assertEquals(Deno.readTextFileSync(`${root}/current/app`), "#!/bin/sh\n");
  assertEquals(Deno.readTextFileSync(`${old}/app`), "the old one");
});

Deno.test("without --audit there are no records", async () => {
  using directory = await published("v1.0.0");
  const config = configOf(directory, ["--audit=false"]);
  const parts = await open(config);
  const tell = follow(parts, config);
  for (const event of [ROLL, SUCCEEDED]) tell(event);
  await parts.close();
  assertEquals(directory.names("registry/v1.0.0"), [FILE]);
});

Deno.test("hosts that share a cache ask the registry once in a --registry-ttl", async () => {
  using directory = new TempDirectory();
  let asked = 0;
  const at = { hostname: "127.0.0.1", port: 0, onListen() {} };
  await using server = Deno.serve(at, () => {
    asked++;
    const assets = [{ name: FILE, url: FILE }];
    return Response.json({ releases: [{ tag: "v1.0.0", assets }] });
  });
  const registry = `--registry=http://127.0.0.1:${server.addr.port}/index.json`;
  const cache = `--cache=file://${directory.path}/cache`;
  for (const ttl of ["1m", "1m", "0s"]) {
    const parts = await open(configOf(directory, [registry, cache, `--registry-ttl=${ttl}`]));
    assertEquals(await parts.source().latest(never, null), "v1.0.0");
    await parts.close();
  }
  assertEquals(asked, 2);
});

Deno.test("a refused version is removed though its child, which has ended, has not left yet", async () => {
  using directory = await published("v1.0.0");
  const config = configOf(directory);
  const parts = await open(config);
  const child = { id: "v1.0.0", exit: { code: 1, signal: null } };
  const stage = { list: () => new Map([[child, "candidate"]]) };
  const tell = follow(parts, config, { stage, runningId: null, proven: { before: () => null } });
  await parts.releases?.fetch("v1.0.0", never);
  tell(ROLL);
  tell({ type: "roll.failed", roll: 1, id: "v1.0.0", reason: "exited", retryInMs: 1000 });
  await parts.close();
  assertEquals(directory.names("root/releases"), []);
});

Deno.test("one --release-root is for one liveroll: another would remove what it runs", async () => {
  using directory = await published("v1.0.0");
  const config = configOf(directory);
  const parts = await open(config);
  const other = configOf(directory, [`--state-dir=${directory.path}/other`]);
  await assertRejects(() => open(other), Error, "another liveroll keeps its releases there");
  await parts.close();
  await (await open(other)).close();
});

Deno.test("current that is no link is an error before anything is fetched", async () => {
  using directory = await published("v1.0.0");
  await Deno.mkdir(`${directory.path}/root/current`, { recursive: true });
  await assertRejects(() => open(configOf(directory)), Error, "root/current is no link: move it");
});

for (const flag of ["release-root", "minisign-key"]) {
  Deno.test(`--${flag} that cannot be used is an error that names it`, async () => {
    using directory = await published("v1.0.0");
    const path = `${directory.path}/app/none`;
    const config = configOf(directory, [`--${flag}=${path}`]);
    await assertRejects(() => open(config), Error, `Cannot use --${flag} ${path}: `);
  });
}
