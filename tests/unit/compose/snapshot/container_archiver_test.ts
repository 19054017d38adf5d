import { assertEquals, assertRejects } from "@std/assert";
import { succeed } from "../../../../scripts/lib/command.ts";
import { SnapshotError } from "../../../../src/compose/snapshot/archiver.ts";
import { ContainerArchiver } from "../../../../src/compose/snapshot/container_archiver.ts";
import { needs, program, root } from "../../../helpers/skip.ts";
import { StandIns } from "../program/stand_in.ts";

const OPTIONS = { timeoutMs: 10_000 };

/** Stands for the engine: runs what follows the name of the service right here. */
const RUN_HERE = `while [ "$1" != --entrypoint ]; do shift; done
tool=$2; while [ "$1" != -- ]; do shift; done; shift 2
exec "$tool" "$@"`;

class Stack extends StandIns {
  readonly archiver = new ContainerArchiver(this.compose(), this.stack, "web");
  readonly data = `${this.path}/data dir`;

  constructor(script: string) {
    super();
    this.add("docker", script);
    for (const name of ["tar", "gzip", "rm"]) {
      Deno.symlinkSync(`/bin/${name}`, `${this.path}/bin/${name}`);
    }
    Deno.mkdirSync(this.data);
    Deno.writeTextFileSync(`${this.data}/a`, "one");
  }

  get mounts() {
    return [{ type: "volume", name: "blog_data", target: this.data, directory: null }] as const;
  }
}

Deno.test({
  name: "the image's own tar saves and restores what the service sees",
  ...needs(program("tar", "gzip")),
  fn: async () => {
    using stack = new Stack(RUN_HERE);
    const path = `${stack.path}/x.tar.gz`;
    const archived = await stack.archiver.pack(path, stack.mounts, OPTIONS);
    assertEquals(archived.map(({ member }) => `/${member}`), [stack.data]);
    assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
    const at = stack.args.indexOf("run");
    assertEquals(
      stack.args.slice(at, at + 8).join(" "),
      "run --rm --no-deps -T --entrypoint tar --user 0:0",
    );
    Deno.writeTextFileSync(`${stack.data}/a`, "two");
    for (const name of ["b", ".c", "..d", "-e", "f g"]) {
      Deno.writeTextFileSync(`${stack.data}/${name}`, "new");
    }
    Deno.symlinkSync("/nowhere", `${stack.data}/link`);
    await stack.archiver.unpack(path, archived, stack.mounts, OPTIONS);
    assertEquals(stack.names("data dir"), ["a"]);
    assertEquals(Deno.readTextFileSync(`${stack.data}/a`), "one");
  },
});

Deno.test({
  name: "nothing is emptied in which something else is mounted",
  ...needs(root(), program("tar", "gzip", "mount", "umount")),
  fn: async () => {
    using stack = new Stack(RUN_HERE);
    const data = `${stack.path}/data`;
    Deno.mkdirSync(`${data}/cache`, { recursive: true });
    Deno.writeTextFileSync(`${data}/a`, "one");
    const mounts = [{ ...stack.mounts[0], target: data }];
    const path = `${stack.path}/x.tar.gz`;
    const archived = await stack.archiver.pack(path, mounts, OPTIONS);
    await succeed("mount", ["--bind", stack.data, `${data}/cache`]);
    try {
      await assertRejects(
        () => stack.archiver.unpack(path, archived, mounts, OPTIONS),
        SnapshotError,
        `${data}/cache is mounted in ${data}`,
      );
      assertEquals([stack.names("data"), stack.names("data dir")], [["a", "cache"], ["a"]]);
    } finally {
      await succeed("umount", [`${data}/cache`]);
    }
  },
});

Deno.test("an image without tar is told as such, with other ways", async () => {
  using stack = new Stack("echo 'exec: \"tar\": not found' >&2; exit 127");
  await assertRejects(
    () => stack.archiver.pack(`${stack.path}/x`, stack.mounts, OPTIONS),
    SnapshotError,
    'Cannot run tar in the image of web: exec: "tar": not found; it needs tar and gzip in the ' +
      "image, or liveroll as root on the engine's host, or --snapshot command:CMD",
  );
});

Deno.test("what was saved from elsewhere is not unpacked, and nothing is emptied", async () => {
  using stack = new Stack(RUN_HERE);
  const { type, name, target } = stack.mounts[0];
  const mount = { type, name, target, member: "other/place", owner: null };
  await assertRejects(
    () => stack.archiver.unpack("/x", [mount], stack.mounts, OPTIONS),
    SnapshotError,
    "Cannot restore blog_data by a container: it was saved from /other/place",
  );
  assertEquals(stack.names("data dir"), ["a"]);
});
