import { assertEquals, assertRejects } from "@std/assert";
import { createGrpc } from "../../../../src/source/grpc/create_grpc.ts";
import { RegistryError } from "../../../../src/source/registry.ts";
import { GrpcServer } from "../../../helpers/grpc_server.ts";

const never = new AbortController().signal;
const RECORD = { tag: "v1.0.0", host: "web", command: "server", at: 0, error: null };

function registryOf({ host }: GrpcServer, artifact: string | null = null) {
  const target = { host, isPlain: true, wish: { artifact } };
  return createGrpc(target, () => Promise.reject(new Error("nothing to open")));
}

Deno.test("a real server is told who we are, and names the release", async () => {
  await using server = await GrpcServer.start();
  const artifact_url = "ghr://owner/app/tag/v1.0.0/app_linux.tgz";
  server.current = {
    id: "42",
    tag: "v1.0.0",
    artifact_url,
    created_at: { seconds: 1_772_323_200, nanos: 500_000_000 },
  };
  assertEquals(await registryOf(server).releases(never), [{
    tag: "v1.0.0",
    publishedAt: 1_772_323_200_500,
    assets: [{
      name: "app_linux.tgz",
      size: null,
      ref: artifact_url,
      sha256: null,
      isChosen: true,
    }],
  }]);
  const arch = Deno.build.arch === "x86_64" ? "amd64" : "arm64";
  assertEquals(server.requests, [{ name: "Current", arch, os: Deno.build.os }]);
});

Deno.test("a real server is told which artifact is wanted, and names times before 1970", async () => {
  await using server = await GrpcServer.start();
  server.current = { id: "ü", tag: "v1.0.0", created_at: { seconds: -2, nanos: 500_000_000 } };
  const [release] = await registryOf(server, "äpp.tgz").releases(never);
  assertEquals(release, { tag: "v1.0.0", publishedAt: -1500, assets: [] });
  assertEquals(server.requests[0]?.arifact_name, "äpp.tgz");
});

Deno.test("a real server is told what became of its release", async () => {
  await using server = await GrpcServer.start();
  server.current = { id: "42", tag: "v1.0.0" };
  const registry = registryOf(server);
  await registry.report("v1.0.0", RECORD, never);
  await registry.report("v0.9.0", { ...RECORD, error: "it was too old" }, never);
  const reports = server.requests.filter(({ name }) => name === "Report");
  assertEquals(reports, [
    { name: "Report", id: "42", tag: "v1.0.0", command: "server" },
    { name: "Report", id: "", tag: "v0.9.0", command: "server", err: "it was too old" },
  ]);
});

const FAILURES: readonly [number, string, string][] = [
  [2, "invalid", "it answered UNKNOWN (no ünit: 5 %)"],
  [5, "not_found", "it answered NOT_FOUND"],
  [8, "rate_limited", "it answered RESOURCE_EXHAUSTED"],
  [14, "unreachable", "it answered UNAVAILABLE"],
  [16, "unauthorized", "it answered UNAUTHENTICATED"],
];

for (const [code, kind, words] of FAILURES) {
  Deno.test(`the status ${code} of a real server is ${kind}`, async () => {
    await using server = await GrpcServer.start();
    server.failure = { code, details: "no ünit: 5 %" };
    const work = () => registryOf(server).releases(never);
    assertEquals((await assertRejects(work, RegistryError, words)).kind, kind);
  });
}
