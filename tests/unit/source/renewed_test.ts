import { assertEquals, assertRejects } from "@std/assert";
import { RegistryError } from "../../../src/source/registry.ts";
import { neverLost, Renewed } from "../../../src/source/renewed.ts";

const never = new AbortController().signal;
const MINUTE_MS = 60_000;

Deno.test("what ends is renewed five minutes before; what has not ended will do meanwhile", async () => {
  let now = 0;
  let fails = false;
  let count = 0;
  const renewed = new Renewed(() => {
    if (fails) return Promise.reject(new Error("down"));
    return Promise.resolve({ count: ++count, endsAt: now + 10 * MINUTE_MS });
  }, () => now);
  const get = async () => (await renewed.get(never)).count;
  assertEquals(await get(), 1);
  now += 5 * MINUTE_MS - 1;
  assertEquals(await get(), 1);
  now += 1;
  assertEquals(await get(), 2);
  fails = true;
  now += 10 * MINUTE_MS - 1;
  assertEquals(await get(), 2);
  now += 1;
  await assertRejects(get, Error, "down");
  fails = false;
  assertEquals([await get(), await get()], [3, 3]);
  renewed.forget();
  assertEquals(await get(), 4);
});

Deno.test("renewing ends with its signal, even if the latest would do", async () => {
  let now = 0;
  const stop = new AbortController();
  const renewed = new Renewed(() => {
    if (now > 0) stop.abort(new Error("enough"));
    return now > 0 ? Promise.reject(new Error("down")) : Promise.resolve({ endsAt: 600_000 });
  }, () => now);
  await renewed.get(stop.signal);
  now = 500_000;
  await assertRejects(() => renewed.get(stop.signal), Error, "enough");
});

Deno.test("who was somebody once does not become nobody, who never was may stay nobody", async () => {
  let who: string | null = null;
  const find = neverLost(() => Promise.resolve(who), (found) => found !== null);
  assertEquals(await find(never), null);
  who = "somebody";
  assertEquals(await find(never), "somebody");
  who = null;
  const error = await assertRejects(() => find(never), RegistryError);
  assertEquals(error.kind, "unreachable");
  who = "somebody";
  assertEquals(await find(never), "somebody");
});
