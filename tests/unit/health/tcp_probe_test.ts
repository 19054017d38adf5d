import { assert, assertEquals } from "@std/assert";
import { tcpProbe } from "../../../src/health/tcp_probe.ts";
import { instanceAt } from "./instance.ts";

const NEVER = new AbortController().signal;

Deno.test("tcpProbe is content with a connection and sends nothing", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const result = await tcpProbe({ healthPortOffset: 0 })(instanceAt(listener.addr.port), NEVER);
  assertEquals(result, { healthy: true });
  using connection = await accepted;
  assertEquals(await connection.read(new Uint8Array(10)), null);
});

Deno.test("tcpProbe asks at the health port", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const instance = instanceAt(listener.addr.port - 7);
  assertEquals(await tcpProbe({ healthPortOffset: 7 })(instance, NEVER), { healthy: true });
});

Deno.test("tcpProbe says why a connection cannot be had", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  const result = await tcpProbe({ healthPortOffset: 0 })(instanceAt(listener.addr.port), NEVER);
  assertEquals(result, { healthy: false, detail: "connection refused" });
});

Deno.test("tcpProbe does not count a connection of an instance that has ended", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const instance = { ...instanceAt(listener.addr.port), exit: { code: 1, signal: null } };
  const result = await tcpProbe({ healthPortOffset: 0 })(instance, NEVER);
  assertEquals(result, { healthy: false, detail: "answered by somebody else" });
});

Deno.test("tcpProbe tells a deadline from being given up", async () => {
  const probe = tcpProbe({ healthPortOffset: 0 });
  const late = await probe(instanceAt(1), AbortSignal.abort(new DOMException("", "TimeoutError")));
  assert(!late.healthy && late.detail.startsWith("no answer within"));
  const givenUp = await probe(instanceAt(1), AbortSignal.abort());
  assertEquals(givenUp, { healthy: false, detail: "given up" });
});
