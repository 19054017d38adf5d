import { assertEquals } from "@std/assert";
import { withLiveroll } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { needs, program } from "../helpers/skip.ts";

for (const [app, binary] of [["python", "python3"], ["node", "node"]] as const) {
  Deno.test({
    name: `K21 children in ${app} roll under load without a failed request`,
    ...needs(program(binary)),
    fn: () =>
      withLiveroll({ app }, async (liveroll) => {
        await using load = new Load(liveroll.port, { posts: 1, downloads: 1 });
        await load.sees("v1");
        for (let n = 2; n <= 10; n++) {
          await liveroll.rollAndRetire(`v${n}`);
          await load.sees(`v${n}`);
        }
        assertNoneFailed(await load.stop());
        assertEquals(liveroll.children().size, 1);
      }),
  });

  Deno.test({
    name: `a crashing and a never-healthy version in ${app} are refused under load`,
    ...needs(program(binary)),
    fn: () =>
      withLiveroll({ app, flags: { "health-timeout": "2s" } }, async (liveroll) => {
        await using load = new Load(liveroll.port);
        await load.sees("v1");
        liveroll.offer("bad", { crash: { code: 1, lastWords: ["I am bad"] } });
        const { lastLines } = await liveroll.waitFor("roll.failed", { id: "bad" });
        assertEquals(lastLines.at(-1), "I am bad");
        liveroll.offer("ill", { health: { status: 503 } });
        await liveroll.waitFor("roll.failed", { id: "ill" });
        const report = await load.stop();
        assertNoneFailed(report);
        assertEquals(Object.keys(report.byVersion), ["v1"]);
      }),
  });
}
