import { assertEquals } from "@std/assert";
import { OUTLIVES, servingChild, withLegacy } from "../helpers/lives.ts";
import { inspect } from "../helpers/proc.ts";
import { linux, needs } from "../helpers/skip.ts";

/** Everything that was written down is gone. */
function forget(stateDir: string): void {
  for (const { name } of Deno.readDirSync(stateDir)) {
    if (name.startsWith("liveroll.db")) Deno.removeSync(`${stateDir}/${name}`);
  }
}

/** The file is still there, and nothing in it can be read. */
function damage(stateDir: string): void {
  forget(stateDir);
  Deno.writeTextFileSync(`${stateDir}/liveroll.db`, "no database ".repeat(1_000));
}

for (const [what, lose] of [["gone", forget], ["damaged", damage]] as const) {
  Deno.test({
    name: `G12 with a database that is ${what}, a child that still serves is adopted`,
    ...needs(linux()),
    fn: () =>
      withLegacy({ flags: OUTLIVES }, async ({ home, child, begin }) => {
        lose(home.stateDir);
        const next = begin();
        await next.takesUp();
        assertEquals((await servingChild(next)).pid, child.pid);
        assertEquals((await next.ask()).text, "v1");
        await next.roll("v2");
        await next.waitFor("instance.stopped");
        assertEquals(next.children().size, 1);
        assertEquals(inspect(child.pid), null);
      }),
  });

  Deno.test({
    name:
      `G12 with a database that is ${what}, a child that nobody hears any more is stopped first`,
    ...needs(linux()),
    fn: () =>
      withLegacy({}, async ({ home, child, begin }) => {
        lose(home.stateDir);
        const next = begin();
        await next.waitFor("roll.succeeded", { id: "v1" });
        assertEquals(next.children().size, 1);
        assertEquals(inspect(child.pid), null);
      }),
  });
}
