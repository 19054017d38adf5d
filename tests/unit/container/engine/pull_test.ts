import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  EngineError,
  EngineUnreachableError,
} from "../../../../src/container/engine/engine_error.ts";
import type { PullProgress } from "../../../../src/container/engine/pull_tally.ts";
import { registryAuth } from "../../../../src/container/engine/registry_auth.ts";
import { parseReference } from "../../../../src/image/image_reference.ts";
import { breakingOff, FakeEngine } from "./fake_engine.ts";

const DIGEST = `sha256:${"ab".repeat(32)}`;
const [ONE, TWO] = ["aaaaaaaaaaaa", "bbbbbbbbbbbb"];

/** As an engine tells of a pull. */
const LINES = [
  { status: "Pulling from app", id: "v1" },
  { status: "Pulling fs layer", progressDetail: {}, id: ONE },
  { status: "Already exists", progressDetail: {}, id: TWO },
  { status: "Downloading", progressDetail: { current: 10, total: 100 }, id: ONE },
  { status: "Downloading", progressDetail: { current: 100, total: 100 }, id: ONE },
  { status: "Extracting", progressDetail: { current: 10, total: 100 }, id: ONE },
  { status: "Pull complete", progressDetail: {}, id: ONE },
  { status: `Digest: ${DIGEST}` },
];

/** What registries say through engines, in a status or in the middle of a good answer. */
const REFUSALS: readonly [status: number, reason: string, kind: string][] = [
  [200, "manifest for h.io/a:v1 not found: manifest unknown: manifest unknown", "not_found"],
  [200, "reading manifest v1 in h.io/a: manifest unknown", "not_found"],
  [200, "unauthorized: authentication required", "unauthorized"],
  [
    500,
    "Head https://h.io/v2/a/manifests/v1: unauthorized: authentication required",
    "unauthorized",
  ],
  [404, "pull access denied for a, repository does not exist or may require login", "unauthorized"],
  [500, "Get https://h.io/v2/: dial tcp: connection refused", "failed"],
  [200, "write /var/lib/docker/tmp/x: no space left on device", "failed"],
  [400, "invalid reference format", "invalid"],
];

Deno.test("a pull asks for one tag, and tells how far it is", async () => {
  await using fake = pulling(LINES.map((line) => JSON.stringify(line)).join("\r\n"));
  const heard: PullProgress[] = [];
  await pull(fake, "h.io/a:v1", { onProgress: (progress: PullProgress) => heard.push(progress) });
  assertEquals(fake.asked[1]?.query, { fromImage: "h.io/a", tag: "v1" });
  assertEquals(fake.asked[1]?.headers.get("x-registry-auth"), null);
  assertEquals(heard, [
    { bytes: 0, totalBytes: 0, layersDone: 0, layers: 1 },
    { bytes: 0, totalBytes: 0, layersDone: 1, layers: 2 },
    { bytes: 10, totalBytes: 100, layersDone: 1, layers: 2 },
    { bytes: 100, totalBytes: 100, layersDone: 1, layers: 2 },
    { bytes: 100, totalBytes: 100, layersDone: 1, layers: 2 },
    { bytes: 100, totalBytes: 100, layersDone: 2, layers: 2 },
  ]);
});

Deno.test("a pull by digest asks for the digest, one without a tag never for all tags", async () => {
  await using fake = pulling("");
  await pull(fake, `h.io/a:v1@${DIGEST}`, { platform: "linux/arm64" });
  assertEquals(fake.asked[1]?.query, {
    fromImage: "h.io/a",
    tag: DIGEST,
    platform: "linux/arm64",
  });
  await pull(fake, "a");
  assertEquals(fake.asked.findLast(({ call }) => call === "POST /images/create")?.query, {
    fromImage: "docker.io/library/a",
    tag: "latest",
  });
});

for (const [status, reason, kind] of REFUSALS) {
  Deno.test(`a pull that fails with ${status} says why: ${reason}`, async () => {
    const text = status === 200
      ? JSON.stringify({ status: "Pulling" }) + "\n" +
        JSON.stringify({ errorDetail: { message: reason }, error: reason })
      : JSON.stringify({ message: reason });
    await using fake = pulling({ status, text });
    const error = await assertRejects(() => pull(fake, "h.io/a:v1"), EngineError);
    assertEquals([error.kind, error.status], [kind, status]);
    assertEquals(error.message, `Cannot pull image h.io/a:v1: ${reason}`);
  });
}

Deno.test("what a registry puts into the query of a URL is in no message", async () => {
  const error = 'Get "https://cdn.example/blob?X-Sig=hunter2": EOF';
  await using fake = pulling(JSON.stringify({ error }));
  const refusal = await assertRejects(() => pull(fake, "h.io/a"), EngineError);
  assertStringIncludes(refusal.message, 'Get "https://cdn.example/blob": EOF');
});

for (const text of ['{"status":"Pulling fs layer"}\n', '{"status":"Pul']) {
  Deno.test(`a pull whose answer breaks off has not succeeded: ${text.trim()}`, async () => {
    await using fake = pulling(() => breakingOff(text));
    const error = await assertRejects(() => pull(fake, "h.io/a"), EngineUnreachableError);
    assertEquals(error.outage, "broken");
  });
}

Deno.test("an answer that ends in the middle of a line has not succeeded", async () => {
  await using fake = pulling('{"status":"Pul');
  const error = await assertRejects(() => pull(fake, "h.io/a"), EngineUnreachableError);
  assertEquals(error.message, "the engine's answer broke off in the middle of a line");
});

Deno.test("a login goes to the engine as it expects it, for the host it is filed under", async () => {
  await using fake = pulling("");
  const login = { kind: "password", user: "me", password: "\u{fffd}~?>" } as const;
  using engine = await fake.connect();
  await engine.images.pull(parseReference("h.io/a"), { login }, AbortSignal.timeout(20_000));
  const header = fake.asked[1]?.headers.get("x-registry-auth") ?? "";
  assertEquals(decoded(header), { username: "me", password: "\u{fffd}~?>", serveraddress: "h.io" });
  for (const user of ["a", "aa", "aaa"]) {
    assertEquals(registryAuth({ ...login, user }, "h.io").length % 4, 0, "with padding");
  }
  const identity = registryAuth({ kind: "identity", token: "t" }, "registry-1.docker.io");
  const serveraddress = "https://index.docker.io/v1/";
  assertEquals(decoded(identity), { identitytoken: "t", serveraddress });
});

type Answers = ConstructorParameters<typeof FakeEngine>[0];

function pulling(answer: Answers[string]): FakeEngine {
  const image = JSON.stringify({ Id: DIGEST });
  const names = ["h.io/a:v1", `h.io/a:v1@${DIGEST}`, "h.io/a", "docker.io/library/a"];
  const looks = names.map((name): [string, string] => {
    const path = name.split("/").map(encodeURIComponent).join("/");
    return [`GET /images/${path}/json`, image];
  });
  return new FakeEngine({ "POST /images/create": answer, ...Object.fromEntries(looks) });
}

async function pull(fake: FakeEngine, reference: string, options = {}): Promise<void> {
  using engine = await fake.connect();
  const signal = AbortSignal.timeout(20_000);
  const image = parseReference(reference);
  assertEquals((await engine.images.pull(image, { login: null, ...options }, signal)).id, DIGEST);
}

function decoded(header: string): unknown {
  const bytes = Uint8Array.fromBase64(header, { alphabet: "base64url" });
  return JSON.parse(new TextDecoder().decode(bytes));
}
