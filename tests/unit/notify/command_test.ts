import { assert, assertEquals, assertRejects } from "@std/assert";
import { CommandChannel } from "../../../src/notify/command.ts";
import { letter, PLAIN_TEXT } from "./letters.ts";

const NEVER = new AbortController().signal;

async function withDir(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = Deno.makeTempDirSync({ prefix: "liveroll-notify-" });
  try {
    await test(dir);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

function channel(command: string, dir: string): CommandChannel {
  const env = { PATH: Deno.env.get("PATH") ?? "", DIR: dir };
  return new CommandChannel({ kind: "command", command, quiet: false }, env);
}

Deno.test("a command has the message on its input and in its environment", () =>
  withDir(async (dir) => {
    await channel(`cat > $DIR/input; env -0 > "$DIR/env"`, dir).deliver(letter(), NEVER);
    assertEquals(Deno.readTextFileSync(`${dir}/input`), `${PLAIN_TEXT}\n`);
    const variables = Deno.readTextFileSync(`${dir}/env`).split("\0")
      .map((line) => line.split(/=(.*)/s)).filter(([name = ""]) => name.startsWith("LIVEROLL_"));
    const { LIVEROLL_INSTANCE: _, ...env } = Object.fromEntries(variables);
    assertEquals(env, {
      LIVEROLL_APP: "blog",
      LIVEROLL_HOST: "web1",
      LIVEROLL_EVENT: "failed",
      LIVEROLL_IMPORTANCE: "error",
      LIVEROLL_TITLE: "blog on web1: v2 was refused",
      LIVEROLL_MESSAGE: PLAIN_TEXT,
      LIVEROLL_AT: "2026-11-21T03:00:00.000Z",
      LIVEROLL_ROLL_ID: "17",
      LIVEROLL_FROM_ID: "v1",
      LIVEROLL_TO_ID: "v2",
      LIVEROLL_RUNNING_ID: "v1",
      LIVEROLL_COMMAND: "liveroll show 17 --app blog",
    });
  }));

Deno.test("what there is nothing of is empty in the environment", () =>
  withDir(async (dir) => {
    const command = 'printf "[$LIVEROLL_ROLL_ID$LIVEROLL_FROM_ID$LIVEROLL_RUNNING_ID]" > $DIR/x';
    const none = { roll: null, from: null, to: "a\0b", running: null };
    await channel(command, dir).deliver(letter(none), NEVER);
    assertEquals(Deno.readTextFileSync(`${dir}/x`), "[]");
  }));

Deno.test("nothing in a message is run", () =>
  withDir(async (dir) => {
    const lastLines = ["'; touch $DIR/evil; '", "$(touch $DIR/evil)", "`touch $DIR/evil`", "%s %n"];
    await channel("cat > $DIR/input", dir).deliver(letter({ lastLines }), NEVER);
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name), ["input"]);
    for (const line of lastLines) {
      assert(Deno.readTextFileSync(`${dir}/input`).includes(`  ${line}\n`), line);
    }
  }));

Deno.test("quotes in the command stay, and its input need not be read", () =>
  withDir(async (dir) => {
    await channel(`echo 'it'"'"'s' "$LIVEROLL_EVENT" > "$DIR/x"; true`, dir).deliver(
      letter(),
      NEVER,
    );
    assertEquals(Deno.readTextFileSync(`${dir}/x`), "it's failed\n");
  }));

Deno.test("a command that fails says why", () =>
  withDir(async (dir) => {
    const fails = (command: string, message: string) =>
      assertRejects(() => channel(command, dir).deliver(letter(), NEVER), Error, message);
    await fails("exit 3", "it ended with code 3");
    await fails("echo first; echo no such pager >&2; exit 1", "code 1: no such pager");
  }));

Deno.test("a command that hangs is ended when the time is up, with all it has started", () =>
  withDir(async (dir) => {
    const over = new AbortController();
    const command = 'sleep 1000 & echo $! > "$DIR/pid.new"; mv "$DIR/pid.new" "$DIR/pid"; wait';
    const running = channel(command, dir).deliver(letter(), over.signal);
    const pid = await started(`${dir}/pid`);
    over.abort(new Error("time is up"));
    await assertRejects(() => running, Error, "time is up");
    assertEquals(isAlive(pid), false);
  }));

async function started(file: string): Promise<string> {
  for (;;) {
    try {
      return (await Deno.readTextFile(file)).trim();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

function isAlive(pid: string): boolean {
  try {
    return !/^State:\tZ/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}
