import { assert, assertEquals, assertThrows } from "@std/assert";
import { CoordinationDirectory } from "../../../src/handover/coordination_directory.ts";
import { plainDescriptors } from "../../../src/handover/descriptor.ts";
import { Door } from "../../../src/handover/door.ts";
import { FileLock } from "../../../src/handover/file_lock.ts";
import { needs, root } from "../../helpers/skip.ts";

function withDirectory(work: (path: string) => void | Promise<void>): () => Promise<void> {
  return async () => {
    const path = await Deno.makeTempDir();
    try {
      await work(path);
    } finally {
      await Deno.remove(path, { recursive: true });
    }
  };
}

Deno.test(
  "a coordination directory is made for its owner alone",
  withDirectory((path) => {
    using directory = new CoordinationDirectory(`${path}/run/blog`);
    assertEquals((Deno.statSync(directory.path).mode ?? 0) & 0o777, 0o700);
    assertEquals((Deno.statSync(directory.ownerLock.path).mode ?? 0) & 0o777, 0o600);
  }),
);

Deno.test(
  "a directory that others can enter is refused, and left as it is",
  withDirectory((path) => {
    Deno.chmodSync(path, 0o755);
    assertThrows(
      () => new CoordinationDirectory(path),
      Error,
      `Cannot use ${path} as coordination directory: others can get in (mode 0755); ` +
        `say: chmod 700 ${path}`,
    );
    assertEquals([...Deno.readDirSync(path)], []);
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o755);
  }),
);

Deno.test({
  name: "a directory of somebody else, or a link of theirs, is refused, and left as it is",
  ...needs(root()),
  fn: withDirectory((path) => {
    const [theirs, ours, link] = ["theirs", "ours", "link"].map((name) => `${path}/${name}`);
    const precious = `${path}/precious`;
    Deno.writeTextFileSync(precious, "precious");
    for (const dir of [theirs!, ours!]) Deno.mkdirSync(dir, { mode: 0o700 });
    Deno.symlinkSync(precious, `${theirs}/owner.lock`);
    Deno.chownSync(theirs!, 65_534, 65_534);
    Deno.symlinkSync(ours!, link!);
    using _ = new CoordinationDirectory(link!);
    const chown = new Deno.Command("chown", { args: ["-h", "65534", link!] }).outputSync();
    assert(chown.success);
    for (const dir of [theirs!, link!]) {
      assertThrows(
        () => new CoordinationDirectory(dir),
        Error,
        `Cannot use ${dir} as coordination directory: it belongs to user 65534, not to 0`,
      );
    }
    assertEquals(Deno.readTextFileSync(precious), "precious");
  }),
});

Deno.test(
  "what others have called similarly is not swept away",
  withDirectory((path) => {
    Deno.chmodSync(path, 0o700);
    for (const name of ["next-year.txt", "next-01234567.sock"]) {
      Deno.writeTextFileSync(`${path}/${name}`, "");
    }
    using directory = new CoordinationDirectory(path);
    directory.sweep();
    const names = [...Deno.readDirSync(path)].map(({ name }) => name).sort();
    assertEquals(names, ["next-year.txt", "owner.lock", "upgrade.lock"]);
  }),
);

Deno.test(
  "a path is as long as where it leads to",
  withDirectory((path) => {
    const long = `${path}/${"x".repeat(90)}`;
    Deno.mkdirSync(long, { mode: 0o700 });
    Deno.symlinkSync(long, `${path}/short`);
    assertThrows(() => new CoordinationDirectory(`${path}/short`), Error, "bytes, at most 88 work");
  }),
);

Deno.test(
  "who has been the owner and ends takes nobody else's socket away",
  withDirectory(async (path) => {
    Deno.chmodSync(path, 0o700);
    using old = new CoordinationDirectory(path);
    const oldDoor = await Door.open(old.nextSocketPath, plainDescriptors, () => {});
    old.publish();
    using next = new CoordinationDirectory(path);
    const nextDoor = await Door.open(next.nextSocketPath, plainDescriptors, () => {});
    oldDoor.close();
    await new Promise((resolve) => setTimeout(resolve));
    next.publish();
    assertEquals((Deno.statSync(next.socketPath).mode ?? 0) & 0o777, 0o600);
    nextDoor.close();
  }),
);

Deno.test(
  "what is no directory, or too long for a socket, is refused with the path",
  withDirectory((path) => {
    Deno.writeTextFileSync(`${path}/file`, "");
    assertThrows(() => new CoordinationDirectory(`${path}/file`), Error, `Cannot use ${path}/file`);
    Deno.mkdirSync(`${path}/taken/upgrade.lock`, { recursive: true, mode: 0o700 });
    assertThrows(() => new CoordinationDirectory(`${path}/taken`), Error, "/taken as coordination");
    const long = `${path}/${"x".repeat(89 - path.length)}`;
    assertThrows(() => new CoordinationDirectory(long), Error, "has 90 bytes, at most 88 work");
    using fits = new CoordinationDirectory(long.slice(0, -2));
    assertEquals(fits.nextSocketPath.length, 107);
  }),
);

Deno.test(
  "a lock belongs to one holder, who is known, until it is given back",
  withDirectory(async (path) => {
    using one = new FileLock(`${path}/lock`);
    using two = new FileLock(`${path}/lock`);
    assertEquals(two.holder(), null);
    assert(one.tryTake());
    assert(one.tryTake());
    assert(!two.tryTake());
    assertEquals(two.holder(), Deno.pid);
    assertEquals(await two.take(1), false);
    const turn = two.take(60_000);
    one.release();
    assert(await turn);
    assert(!one.held && two.held);
  }),
);

Deno.test(
  "waiting for a lock ends with its signal",
  withDirectory(async (path) => {
    using one = new FileLock(`${path}/lock`);
    using two = new FileLock(`${path}/lock`);
    one.tryTake();
    const caller = new AbortController();
    const turn = two.take(60_000, caller.signal);
    caller.abort(new Error("enough"));
    assertEquals(await turn.catch((error) => error.message), "enough");
  }),
);
