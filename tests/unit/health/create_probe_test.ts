import { assertEquals } from "@std/assert";
import type { HealthCheck } from "../../../src/config/config.ts";
import { createProbe } from "../../../src/health/create_probe.ts";
import { healthCheckText } from "../../../src/health/health_check.ts";
import type { Inside } from "../../../src/health/inside.ts";
import { instanceAt } from "./instance.ts";

const NEVER = new AbortController().signal;

const INSIDE: Inside = {
  run: (_instance, command) => Promise.resolve({ code: 3, lastLine: `${command} ran` }),
  notices: () => ({ ready: false, status: "said so" }),
};

async function detail(healthcheck: HealthCheck, port: number): Promise<string> {
  const probe = createProbe({
    healthcheck,
    healthHost: null,
    healthPortOffset: 0,
    healthStatus: [{ from: 200, to: 200 }],
    version: "1.0.0",
    inside: INSIDE,
  });
  const result = await probe(instanceAt(port), NEVER);
  return result.healthy ? "healthy" : result.detail;
}

Deno.test("createProbe makes the probe that the check asks for", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ({ url }) => new Response(null, { status: url.endsWith("/up") ? 200 : 404 }),
  );
  const { port } = server.addr;
  assertEquals(await detail({ kind: "http", path: "/up" }, port), "healthy");
  assertEquals(await detail({ kind: "http", path: "/down" }, port), "status 404");
  assertEquals(await detail({ kind: "tcp" }, port), "healthy");
  assertEquals(await detail({ kind: "exec", command: "ask" }, port), "exit status 3: ask ran");
  assertEquals(await detail({ kind: "notify" }, port), "not ready yet: said so");
});

Deno.test("healthCheckText is the path, the command, or the kind", () => {
  const texts = ([
    { kind: "http", path: "/up?x=1" },
    { kind: "exec", command: "pg_isready -p 1" },
    { kind: "tcp" },
    { kind: "notify" },
  ] satisfies HealthCheck[]).map(healthCheckText);
  assertEquals(texts, ["/up?x=1", "pg_isready -p 1", "tcp", "notify"]);
});
