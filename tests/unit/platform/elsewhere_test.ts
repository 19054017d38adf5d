import { assertEquals } from "@std/assert";
import { Elsewhere } from "../../../src/platform/elsewhere.ts";
import { linux, needs } from "../../helpers/skip.ts";

const ON_LINUX = needs(linux());
const UNKNOWN = { code: -1, signal: null };

function listen(): { listener: Deno.TcpListener; find: () => Promise<Elsewhere> } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const place = { host: "127.0.0.1", port: listener.addr.port };
  return { listener, find: () => Elsewhere.find(place, crypto.randomUUID()) };
}

Deno.test({
  name: "what runs elsewhere runs as long as its port is held",
  ...ON_LINUX,
  async fn() {
    const { listener, find } = listen();
    const elsewhere = await find();
    assertEquals([elsewhere.exit, await elsewhere.isGone()], [null, false]);
    listener.close();
    assertEquals([await elsewhere.exited, elsewhere.exit], [UNKNOWN, UNKNOWN]);
    assertEquals((await find()).exit, UNKNOWN);
  },
});

Deno.test({
  name: "what was asked to end elsewhere is waited for",
  ...ON_LINUX,
  async fn() {
    const { listener, find } = listen();
    const elsewhere = await find();
    const looked = Promise.withResolvers<void>();
    const look = elsewhere.isGone.bind(elsewhere);
    elsewhere.isGone = () => look().finally(looked.resolve);
    const ended = elsewhere.terminate({ signal: null, timeoutMs: 20_000 });
    await looked.promise;
    listener.close();
    assertEquals(await ended, "stopped");
    assertEquals(await elsewhere.terminate({ signal: null, timeoutMs: 20_000 }), "already_gone");
  },
});

Deno.test({
  name: "no signal reaches what runs elsewhere, and nobody waits for that",
  ...ON_LINUX,
  async fn() {
    const { listener, find } = listen();
    const elsewhere = await find();
    const outcome = await elsewhere.terminate({ signal: "SIGTERM", timeoutMs: 600_000 });
    assertEquals(outcome, "survived");
    elsewhere.release();
    listener.close();
  },
});
