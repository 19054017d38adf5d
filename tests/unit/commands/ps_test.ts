import { assertEquals } from "@std/assert";
import { ps } from "../../../src/commands/ps.ts";
import { runningStateDirs } from "../../../src/control/client/running.ts";
import { mounts } from "../../helpers/small_disk.ts";
import { needs } from "../../helpers/skip.ts";
import { FakeControl } from "./fake_control.ts";
import { fakeIo } from "./fake_io.ts";
import { FakeOperator, SERVING } from "./fake_operator.ts";

async function withHome(work: (home: string) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir();
  try {
    await work(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

function recorded(home: string, name: string): string {
  Deno.mkdirSync(`${home}/${name}`);
  Deno.writeTextFileSync(`${home}/${name}/liveroll.db`, "");
  return `${home}/${name}`;
}

Deno.test("ps lists what runs, and what has records but does not run", async () => {
  await withHome(async (home) => {
    await using control = new FakeControl(new FakeOperator());
    recorded(home, "shop");
    await Deno.symlink(control.stateDir, `${home}/blog`);
    await Deno.writeTextFile(`${control.stateDir}/liveroll.db`, "");
    const options = { home, running: () => Promise.resolve([control.stateDir]) };
    const io = fakeIo({}, { terminal: true, columns: 200 });
    assertEquals(await ps(io, { ...options, json: false }), 0);
    assertEquals(io.printed.slice(1).map((line) => line.split(/ {2,}/)), [
      ["blog", "serving", "v1", "3h12m", "100", "0.0.0.0:80", control.stateDir],
      ["shop", "not running", "-", "-", "-", "-", `${home}/shop`],
    ]);
    const narrow = fakeIo();
    await ps(narrow, { ...options, json: false });
    assertEquals(narrow.printed.filter((line) => line.length > 80), []);
    const machine = fakeIo();
    await ps(machine, { ...options, json: true });
    assertEquals(JSON.parse(machine.printed.join("")), [
      { app: "blog", stateDir: control.stateDir, state: "serving", status: SERVING },
      { app: "shop", stateDir: `${home}/shop`, state: "not running", status: null },
    ]);
  });
});

Deno.test({
  name: "ps lists a state directory that is mounted at a second place once",
  ...needs(mounts()),
  fn: () =>
    withHome(async (home) => {
      const shop = recorded(home, "shop");
      const again = `${home}/again`;
      Deno.mkdirSync(again);
      await run("mount", "--bind", shop, again);
      try {
        const io = fakeIo();
        await ps(io, { json: true, home, running: () => Promise.resolve([shop]) });
        const listed = JSON.parse(io.printed.join(""));
        assertEquals(listed.map(({ stateDir }: { stateDir: string }) => stateDir), [shop]);
      } finally {
        await run("umount", again);
      }
    }),
});

async function run(command: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

Deno.test("ps does not wait for who does not answer", async () => {
  await withHome(async (home) => {
    await using control = new FakeControl(new FakeOperator());
    const released = Promise.withResolvers<Response>();
    control.intercept = () => released.promise;
    const io = fakeIo();
    await ps(io, { json: true, home, running: () => Promise.resolve([control.stateDir]) });
    released.resolve(new Response());
    assertEquals(JSON.parse(io.printed.join(""))[0].state, "no answer");
  });
});

Deno.test("ps says that there is nothing", async () => {
  await withHome(async (home) => {
    const io = fakeIo();
    assertEquals(await ps(io, { json: false, home, running: () => Promise.resolve([]) }), 0);
    assertEquals(io.printed, ["nothing runs, and nothing has its state in /var/lib"]);
  });
});

Deno.test("every socket that listens is found, wherever it is", async () => {
  const home = await Deno.makeTempDir();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `Deno.mkdirSync("a b");
      const relative = Deno.listen({ transport: "unix", path: "./a b/control.sock" });
      const absolute = Deno.listen({ transport: "unix", path: Deno.cwd() + "/control.sock" });
      const other = Deno.listen({ transport: "unix", path: "other.sock" });
      console.log("ready");
      await Deno.stdin.read(new Uint8Array(1));`,
    ],
    cwd: home,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  const ours = (await runningStateDirs()).filter((path) => path.startsWith(home));
  await child.stdin.close();
  await reader.cancel();
  await child.status;
  assertEquals(ours, [home, `${home}/a b`]);
  await Deno.remove(home, { recursive: true });
});
