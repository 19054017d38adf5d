import { assertEquals } from "@std/assert";
import { type Exit, type Instance, UNKNOWN_EXIT } from "../../../../src/roll/instance.ts";
import { LoneReplica } from "../../../../src/runtime/container/lone_replica.ts";

/** Its state is as private as that of real ones. */
class Group implements Instance {
  readonly key = "i1";
  readonly birth = null;
  readonly id = "v1";
  readonly host = "127.0.0.1";
  readonly port = 1;
  readonly pid = 7;
  readonly exited = new Promise<Exit>(() => {});
  #exit: Exit | null = null;

  get exit(): Exit | null {
    return this.#exit;
  }

  end(): void {
    this.#exit = { code: UNKNOWN_EXIT, signal: null };
  }

  impostor(): Promise<null> {
    return Promise.resolve(null);
  }

  lastLines(): readonly string[] {
    return ["last"];
  }

  stop(): Promise<"stopped"> {
    return Promise.resolve("stopped");
  }

  kill(): void {}
}

Deno.test("one container of a group has its own place, and the group's life", () => {
  const group = new Group();
  const endpoint = { key: "i1/0", host: "127.0.0.2", port: 9, isAlive: () => true };
  const alone = new LoneReplica(group, endpoint);
  assertEquals([alone.host, alone.port, alone.key, alone.id], ["127.0.0.2", 9, "i1", "v1"]);
  assertEquals([alone.exit, alone.lastLines()], [null, ["last"]]);
  group.end();
  assertEquals(alone.exit, { code: UNKNOWN_EXIT, signal: null });
});
