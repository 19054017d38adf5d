import { assertEquals, assertExists, assertRejects, assertStringIncludes } from "@std/assert";
import { RedisStore } from "../../../src/cache/redis_store.ts";
import { StoreError } from "../../../src/cache/store.ts";
import { PortClaim } from "../../helpers/ports.ts";
import { RedisServer } from "../../helpers/redis_server.ts";
import { needs, program } from "../../helpers/skip.ts";
import { testStore } from "./store_contract.ts";

const skip = needs(program("redis-server"));
const { signal } = new AbortController();
const PASSWORD = "open-sesame";

testStore("redis", async () => {
  const server = await RedisServer.start();
  const [one, other] = [new RedisStore(server.place("p:")), new RedisStore(server.place("p:"))];
  return {
    one,
    other,
    pass: (ms) => server.age("p:", ms),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([one.close(), other.close()]);
      await server[Symbol.asyncDispose]();
    },
  };
}, skip);

Deno.test({
  name: "redis: a lease ends by the server's own clock",
  ...skip,
  async fn() {
    await using server = await RedisServer.start();
    const store = new RedisStore(server.place());
    try {
      const take = () => store.lease("a", { holder: "one", ttlMs: 50, signal });
      assertExists(await take());
      // Nobody gives it back: only the server can end it.
      while (await take() === null);
    } finally {
      await store.close();
    }
  },
});

Deno.test({
  name: "redis: a password opens it, and no message has it",
  ...skip,
  async fn() {
    await using server = await RedisServer.start({ password: PASSWORD });
    const good = new RedisStore({ ...server.place(), password: PASSWORD });
    const bad = new RedisStore({ ...server.place(), password: "not-that-one" });
    try {
      await good.put("a", Uint8Array.of(7), signal);
      assertEquals(await good.get("a", signal), Uint8Array.of(7));
      const error = await assertRejects(() => bad.get("a", signal), StoreError);
      assertStringIncludes(error.message, `Cannot read Redis at 127.0.0.1:${server.port}: `);
      const told = Deno.inspect(error, { depth: 10 });
      assertEquals(told.includes("not-that-one"), false);
    } finally {
      await Promise.all([good.close(), bad.close()]);
    }
  },
});

Deno.test({
  name: "redis: with nobody there, calls fail, and they work when it is back",
  ...skip,
  async fn() {
    using claim = new PortClaim(1);
    const server = await RedisServer.start({ claim });
    const store = new RedisStore(server.place());
    try {
      await store.put("a", Uint8Array.of(7), signal);
      await server[Symbol.asyncDispose]();
      await assertRejects(() => store.get("a", signal), StoreError, "Cannot read Redis at ");
      await assertRejects(() => store.get("a", signal), StoreError, "ECONNREFUSED");
      await using _server = await RedisServer.start({ claim });
      assertEquals(await store.get("a", signal), null);
    } finally {
      await store.close();
    }
  },
});
