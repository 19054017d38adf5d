import { assertEquals } from "@std/assert";
import { Penalties } from "../../../src/roll/penalties.ts";
import { Quarantine } from "../../../src/roll/quarantine.ts";
import { Recovery } from "../../../src/roll/recovery.ts";
import { FairWorld } from "./fair_world.ts";

const NOTHING_SERVES = { serves: false };

/** Penalties of a world in which `v1` serves, or served last; `newest` is proven. */
function setUp(
  { serves = true, provenId = "v1", newest = provenId }: {
    serves?: boolean;
    provenId?: string | null;
    newest?: string | null;
  } = {},
) {
  const { clock, launch } = bound(new FairWorld());
  const recovery = new Recovery();
  if (provenId !== null) recovery.serves(provenId, 0);
  const quarantine = new Quarantine();
  const prices: string[] = [];
  const retries: number[] = [];
  const stage: { current: Awaited<ReturnType<typeof launch>> | null } = { current: null };
  const penalties = new Penalties({
    effects: { clock },
    stage,
    recovery,
    proven: { newest },
    quarantine,
    refusals: {
      add: (id, detail, price) => {
        prices.push(`${id} ${price}`);
        return quarantine.add(id, clock.now(), price, detail).retryAt - clock.now();
      },
    },
    checks: {
      keepUp: (trigger, waitMs) => prices.push(`${trigger} in ${waitMs}`),
      retryIn: (waitMs) => retries.push(waitMs),
    },
    onRefused: () => prices.push("told"),
  });
  const ready = async () => {
    if (serves) stage.current = await launch("v1", 9101);
    return penalties;
  };
  return { ready, recovery, quarantine, prices, retries, clock };
}

const roll = (id: string) => ({ id, trigger: "webhook" } as const);

function bound(world: FairWorld) {
  return { clock: world.clock, launch: world.launch.bind(world) };
}

for (
  const [what, options, isFault, price] of [
    ["while another one serves", {}, true, "while_serving"],
    ["while the proven one is being brought back", NOTHING_SERVES, true, "while_serving"],
    ["while nothing has ever served", { serves: false, provenId: null }, true, "while_down"],
    ["without being to blame", {}, false, "not_to_blame"],
    ["without being to blame, while nothing serves", NOTHING_SERVES, false, "not_to_blame"],
  ] as const
) {
  Deno.test(`a version that fails ${what} pays "${price}", and is tried again then`, async () => {
    const { ready, prices, retries } = setUp(options);
    const retryInMs = (await ready()).failed(roll("v2"), "no", isFault);
    const keptUp = isFault ? [] : [`webhook in ${retryInMs}`];
    assertEquals([prices, retries], [[`v2 ${price}`, "told", ...keptUp], [retryInMs]]);
  });
}

Deno.test("the proven version is not locked away when it fails", async () => {
  for (const isFault of [true, false]) {
    const { ready, prices, recovery } = setUp(NOTHING_SERVES);
    assertEquals((await ready()).failed(roll("v1"), "no", isFault), null);
    assertEquals([prices, recovery.provenId], [[], "v1"]);
  }
});

Deno.test("what had no time to prove itself is given up for the one before", async () => {
  const { ready, prices, recovery } = setUp({ ...NOTHING_SERVES, provenId: "v2", newest: "v1" });
  const penalties = await ready();
  assertEquals(penalties.failed(roll("v2"), "no", false), null);
  assertEquals(recovery.provenId, "v2");
  penalties.failed(roll("v2"), "no", true);
  assertEquals([prices, recovery.provenId], [["v2 after_rollback", "told"], "v1"]);
});

Deno.test("while it serves, it is not given up", async () => {
  const { ready, recovery } = setUp({ provenId: "v2", newest: "v1" });
  assertEquals((await ready()).failed(roll("v2"), "no", true), null);
  assertEquals(recovery.provenId, "v2");
});

Deno.test("what served badly pays most", async () => {
  const { ready, prices } = setUp();
  (await ready()).servedBadly("v2", "slow");
  assertEquals(prices, ["v2 after_rollback", "told"]);
});

Deno.test("when the proven version does not start, others need not wait for long", async () => {
  for (const serves of [false, true]) {
    const { ready, quarantine, retries, clock } = setUp({ serves });
    const penalties = await ready();
    quarantine.add("v2", clock.now(), "after_rollback", "slow");
    penalties.despair();
    assertEquals(retries, serves ? [] : [30_000]);
    const isBlocked = quarantine.blocks("v2", clock.now() + 30_000) !== null;
    assertEquals(isBlocked, serves);
  }
});
