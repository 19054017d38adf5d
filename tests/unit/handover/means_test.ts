import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { openLibc } from "../../../src/handover/libc.ts";
import {
  describeMode,
  findMeans,
  handoverMeans,
  handoverMode,
} from "../../../src/handover/means.ts";
import { foreignFunctions, libc } from "../../helpers/handover.ts";
import { openFiles } from "../../helpers/proc.ts";
import { needs } from "../../helpers/skip.ts";

Deno.test("without the C library sockets are only inherited, and it says why", () => {
  const { mode } = findMeans(() => {
    throw new Error("no such library");
  });
  assertEquals(mode.name, "inherit_only");
  assertEquals(describeMode(mode), "sockets can be inherited, not handed over: no such library");
});

Deno.test("every known name of the C library is tried, and the first failure told", () => {
  const tried: string[] = [];
  const { mode } = findMeans(() =>
    openLibc((name) => {
      tried.push(name);
      throw new Error(`no ${name}`);
    })
  );
  assertEquals(tried, ["libc.so.6", `libc.musl-${Deno.build.arch}.so.1`]);
  assertStringIncludes(describeMode(mode), "no libc.so.6");
});

Deno.test({
  name: "the mode is found out once, and leaves nothing open",
  ...needs(foreignFunctions()),
  async fn() {
    assert(handoverMeans() === handoverMeans());
    assertEquals(describeMode(handoverMode()), "sockets can be handed over");
    const before = openFiles(Deno.pid);
    assertEquals(findMeans(libc).mode.name, "full");
    await new Promise((resolve) => setTimeout(resolve));
    assertEquals(openFiles(Deno.pid), before);
  },
});

Deno.test({
  name: "a library whose calls do not work as they should turns the hand-over off",
  ...needs(foreignFunctions()),
  async fn() {
    const real = libc();
    const broken: [Partial<typeof real>, string][] = [
      [{ socketpair: () => -1 }, "socketpair failed"],
      [{ sendmsg: () => -1n }, "sendmsg failed"],
      [{ recvmsg: () => 1n }, "a descriptor that was sent did not arrive"],
      [{ fcntl: () => -1 }, "fcntl failed"],
    ];
    for (const [part, why] of broken) {
      const { mode } = findMeans(() => ({ ...real, ...part }));
      assertStringIncludes(describeMode(mode), why);
    }
    await new Promise((resolve) => setTimeout(resolve));
  },
});
