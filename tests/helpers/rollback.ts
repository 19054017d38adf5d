import { assert, assertEquals } from "@std/assert";
import { servingChild } from "./lives.ts";
import type { Liveroll } from "./liveroll.ts";
import { Load, type LoadReport } from "./load.ts";

/** New versions are watched for as long as a test likes. */
export const WATCHED = { "min-healthy": "1h", "drain-timeout": "1h" };

const POSTS = 3;

/** The load of all tests; its POSTs may not be sent twice. */
export function load(liveroll: Liveroll): Load {
  return new Load(liveroll.port, { posts: POSTS });
}

/** Rolls to v2 while v1 serves, and waits until it takes the requests. @returns A mark from before. */
export async function switchToV2(liveroll: Liveroll): Promise<number> {
  const since = liveroll.offer("v2");
  await liveroll.waitFor("roll.switched", ({ instance }) => instance.id === "v2", since);
  return since;
}

/** The same, and waits until nothing of v1 is left. @returns A mark from before. */
export async function replaceByV2(liveroll: Liveroll): Promise<number> {
  const since = await switchToV2(liveroll);
  await liveroll.waitFor("instance.stopped", ({ instance }) => instance.id === "v1", since);
  return since;
}

/** What serves dies. */
export async function killServing(liveroll: Liveroll): Promise<void> {
  Deno.kill((await servingChild(liveroll)).pid, "SIGKILL");
}

/** Only a request that may not be repeated fails, and only if it was under way to the dead one. */
export function assertOnlyInFlightFailed({ failed, sent, ok }: LoadReport): void {
  assert(failed.length <= POSTS, JSON.stringify(failed));
  assertEquals(
    failed.map(({ client, status }) => [client, status]),
    failed.map(() => ["post", 502]),
  );
  assertEquals(ok + failed.length, sent);
}

/** All rolls, the oldest first: trigger, version, outcome. */
export async function outcomes({ home }: Liveroll): Promise<string[]> {
  using client = home.client();
  const rolls = await client.history(100);
  return rolls.reverse().map(({ trigger, to, outcome }) => `${trigger} ${to} ${outcome}`);
}

/** The versions in quarantine. */
export async function quarantined({ home }: Liveroll): Promise<string[]> {
  using client = home.client();
  return (await client.status()).quarantined.map(({ id }) => id);
}
