import { assertEquals } from "@std/assert";
import { Backend } from "../../../src/proxy/backend.ts";
import { Balancer } from "../../../src/proxy/balancer.ts";

function backend(key: string, alive = () => true): Backend {
  return new Backend({ key, host: "127.0.0.1", port: 1, alive });
}

function picks(balancer: Balancer, count: number, excluded?: ReadonlySet<Backend>): string[] {
  return Array.from({ length: count }, () => balancer.pick(excluded)?.key ?? "none");
}

Deno.test("K11 two backends take turns", () => {
  const balancer = new Balancer();
  balancer.replace([backend("a"), backend("b")]);
  assertEquals(picks(balancer, 4), ["a", "b", "a", "b"]);
});

Deno.test("Balancer.pick() skips what was tried already", () => {
  const balancer = new Balancer();
  const [a, b] = [backend("a"), backend("b")];
  balancer.replace([a, b]);
  assertEquals(picks(balancer, 2, new Set([a])), ["b", "b"]);
  assertEquals(picks(balancer, 1, new Set([a, b])), ["none"]);
});

Deno.test("B03 a backend whose process has ended is not picked any more", () => {
  const balancer = new Balancer();
  let alive = true;
  balancer.replace([backend("a", () => alive), backend("b")]);
  alive = false;
  assertEquals(picks(balancer, 3), ["b", "b", "b"]);
});

Deno.test("B01 B21 replace() takes the old backend out in the same step", () => {
  const balancer = new Balancer();
  const old = backend("a");
  balancer.replace([old]);
  const left = balancer.replace([backend("b")]);
  assertEquals([left, old.state], [[old], "draining"]);
  assertEquals(picks(balancer, 2), ["b", "b"]);
});

Deno.test("Balancer.replace() keeps a backend that stays", () => {
  const balancer = new Balancer();
  const [a, b] = [backend("a"), backend("b")];
  balancer.replace([a]);
  assertEquals(balancer.replace([a, b]), []);
  assertEquals(a.state, "serving");
});

Deno.test("B07 remove() goes by key and leaves the others alone", () => {
  const balancer = new Balancer();
  balancer.replace([backend("a"), backend("b")]);
  assertEquals(balancer.remove("c"), null);
  assertEquals(balancer.remove("a")?.state, "draining");
  assertEquals(picks(balancer, 2), ["b", "b"]);
});

Deno.test("Balancer picks nothing when nothing is in rotation", () => {
  const balancer = new Balancer();
  assertEquals(balancer.pick(), null);
  assertEquals(balancer.offers(new Set()), false);
});
