import { assert, assertEquals, assertMatch } from "@std/assert";
import { directory, file, hardlink, symlink, tarGz } from "../helpers/archives.ts";
import { zip, type ZipEntry } from "../helpers/archives_zip.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { type ReleaseHost, withReleases } from "../helpers/releases.ts";

const { os, arch } = Deno.build;
const MIB = 1024 * 1024;

/** No other file of the machine is called so; what gets out can be found by it. */
const MARK = `liveroll-escaped-${crypto.randomUUID()}`;

/** What every archive has besides: something that would run. */
const APP = file("app", "#!/bin/sh\n", 0o755);

/** A release that must not be taken. */
interface Hostile {
  readonly what: string;
  readonly entries: readonly ZipEntry[];
  readonly says: RegExp;
  /** The kinds of archive that can be made so; left out: all. */
  readonly in?: readonly (keyof typeof PACK)[];
  /** Spoils what was packed. */
  readonly spoil?: (archive: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
  /** What its checksum file says, if it has one. */
  readonly sha256?: string;
}

const PACK = { "tar.gz": tarGz, zip } as const;

const HOSTILE: readonly Hostile[] = [
  {
    what: "a name that goes up",
    entries: [APP, file(`../../../${MARK}`)],
    says: /would leave the release/,
  },
  { what: "an absolute name", entries: [APP, file(`/tmp/${MARK}`)], says: /absolute name/ },
  {
    what: "a link out, and a file through it",
    entries: [APP, symlink("out", "../../.."), file(`out/${MARK}`)],
    says: /is a link to "\.\.\/\.\.\/\.\.", outside of the release/,
  },
  {
    what: "a file through a link",
    entries: [APP, directory("real"), symlink("link", "real"), file(`link/${MARK}`)],
    says: /lies below "link", which is a symlink/,
  },
  {
    what: "a hard link out",
    entries: [APP, hardlink("link", "../../../state/liveroll.db")],
    says: /would leave the release/,
    in: ["tar.gz"],
  },
  { what: "a device", entries: [APP, { name: "dev", type: "3" }], says: /"dev" is a/ },
  { what: "a named pipe", entries: [APP, { name: "pipe", type: "6" }], says: /"pipe" is a/ },
  {
    what: "a bomb",
    entries: [APP, file("zeros", new Uint8Array(2 * MIB))],
    says: /more than 1048576 bytes/,
  },
  {
    what: "a bomb that lies about its size",
    entries: [APP, { ...file("zeros", new Uint8Array(2 * MIB)), claimedSize: 1 }],
    says: /Cannot extract the archive/,
    in: ["zip"],
  },
  {
    what: "an archive that ends too early",
    entries: [APP, file("data", crypto.getRandomValues(new Uint8Array(4096)))],
    spoil: (archive) => archive.slice(0, archive.length / 2),
    says: /Cannot extract the archive/,
  },
  {
    what: "the same name twice",
    entries: [APP, file("a", "one"), file("a", "two")],
    says: /"a" is there twice/,
  },
  {
    what: "another checksum",
    entries: [APP],
    sha256: "0".repeat(64),
    says: /its SHA-256 is [0-9a-f]{64}, and .*\.sha256 says 0{64}/,
  },
];

/** Publishes a release as it is described, in one step. */
async function publish(
  host: ReleaseHost,
  tag: string,
  kind: keyof typeof PACK,
  { entries, spoil = (archive) => archive, sha256 }: Hostile,
): Promise<void> {
  const path = `${host.registry}/.new`;
  const name = `app_${os}_${arch}.${kind}`;
  await Deno.mkdir(path);
  await Deno.writeFile(`${path}/${name}`, spoil(PACK[kind](entries)));
  if (sha256 !== undefined) {
    await Deno.writeTextFile(`${path}/${name}.sha256`, `${sha256}  ${name}\n`);
  }
  await Deno.rename(path, `${host.registry}/${tag}`);
}

/** Every name below a directory, links not followed. */
function* namesBelow(path: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(path)) {
    yield name;
    if (isDirectory) yield* namesBelow(`${path}/${name}`);
  }
}

/** Nothing is there but the release that runs. */
function assertNothingLeft(host: ReleaseHost, what: string): void {
  const names = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name).sort();
  const [release = "", record = "", ...others] = names(`${host.root}/releases`);
  assertEquals([others, record], [[], `${release}.json`], what);
  assertEquals(names(host.root), ["current", "releases"], what);
  assertEquals(names(`${host.home.stateDir}/downloads`), [], what);
  const escaped = [...namesBelow(host.home.workspace.dir), ...names("/tmp")]
    .filter((name) => name.includes(MARK));
  assertEquals(escaped, [], what);
}

Deno.test("hostile releases are refused with their reason, nothing is left, the good one serves", () =>
  withReleases(async (host) => {
    await host.publish("v1.0.0");
    const liveroll = host.begin({ "max-unpacked": "1m", interval: "50ms" });
    await liveroll.waitFor("roll.succeeded");
    await using clients = new Load(liveroll.port, { posts: 1 });
    await clients.sees("v1.0.0");
    const reasons = new Map<string, RegExp>();
    for (const hostile of HOSTILE) {
      for (const kind of hostile.in ?? ["tar.gz", "zip"] as const) {
        const tag = `v2.0.${reasons.size}`;
        reasons.set(tag, hostile.says);
        const what = `${hostile.what} (${kind}, ${tag})`;
        await publish(host, tag, kind, hostile);
        const { reason } = await liveroll.waitFor("roll.failed", { id: tag });
        assertEquals(reason, "fetch_failed", what);
        assertNothingLeft(host, what);
        assertEquals([(await liveroll.ask()).text, host.current()], ["v1.0.0", "v1.0.0"], what);
      }
    }
    using client = host.home.client();
    const history = await client.history(100);
    for (const [tag, says] of reasons) {
      const rolls = history.filter(({ to }) => to === tag);
      assertEquals(rolls.map(({ outcome }) => outcome), ["failed"], tag);
      assertMatch(rolls[0]?.detail ?? "", says, tag);
    }
    const { quarantined } = await client.status();
    assertEquals(quarantined.length, reasons.size);
    await host.publish("v3.0.0");
    await liveroll.waitFor("roll.succeeded", { id: "v3.0.0" });
    await clients.sees("v3.0.0");
    assertNoneFailed(await clients.stop());
    await liveroll.stop();
    assertEquals([host.current(), host.kept()], ["v3.0.0", ["v1.0.0", "v3.0.0"]]);
    assert(reasons.size >= 20, "the table has become short");
  }));
