import { assertEquals, assertRejects } from "@std/assert";
import { IndexRegistry } from "../../../src/source/index_registry.ts";
import { RegistryError } from "../../../src/source/registry.ts";

const never = new AbortController().signal;
const SHA = "A".repeat(64);

/** A web server that answers as `handler` says, at the URL given to `test`. */
async function withServer(
  handler: (request: Request) => Response | Promise<Response>,
  test: (url: string) => Promise<void>,
): Promise<void> {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
  await test(`http://127.0.0.1:${server.addr.port}/apps/index.json`);
}

Deno.test("an index lists releases; relative URLs are looked for beside it", async () => {
  const index = {
    releases: [{
      tag: "v1.0.0",
      publishedAt: "1970-01-01T00:00:01Z",
      assets: [{ name: "app.tgz", url: "v1/app.tgz", size: 5, sha256: SHA }],
    }, { tag: "v2.0.0" }],
  };
  await withServer(() => Response.json(index), async (url) => {
    const asset = {
      name: "app.tgz",
      size: 5,
      ref: new URL("/apps/v1/app.tgz", url).href,
      sha256: SHA.toLowerCase(),
    };
    assertEquals(await new IndexRegistry(url).releases(never), [
      { tag: "v1.0.0", publishedAt: 1000, assets: [asset] },
      { tag: "v2.0.0", publishedAt: null, assets: [] },
    ]);
  });
});

Deno.test("an index that has not changed is not read again", async () => {
  const asked: (string | null)[] = [];
  await withServer((request) => {
    const condition = request.headers.get("if-none-match");
    asked.push(condition);
    if (condition === '"a"') return new Response(null, { status: 304 });
    return Response.json({ releases: [{ tag: "v1" }] }, { headers: { etag: '"a"' } });
  }, async (url) => {
    const registry = new IndexRegistry(url);
    const first = await registry.releases(never);
    assertEquals(await registry.releases(never), first);
    assertEquals(asked, [null, '"a"']);
  });
});

Deno.test("a download goes on where it was", async () => {
  const bytes = "0123456789";
  await withServer((request) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.get("range") ?? "")?.[1] ?? 0);
    if (from >= bytes.length) return new Response(null, { status: 416 });
    const headers = { etag: '"x"', "content-range": `bytes ${from}-9/10` };
    return new Response(bytes.slice(from), { status: from > 0 ? 206 : 200, headers });
  }, async (url) => {
    const registry = new IndexRegistry(url);
    const asset = { name: "a", size: null, ref: url, sha256: null };
    for (const [offset, begin] of [[0, 0], [4, 4], [10, 0]] as const) {
      const answer = await registry.fetch(asset, { offset, signal: never });
      assertEquals([answer.offset, answer.totalBytes, answer.etag], [begin, 10, '"x"']);
      assertEquals(await new Response(answer.body).text(), bytes.slice(begin));
    }
  });
});

const ANSWERS: readonly [string, () => Response, string, number | null][] = [
  ["that fails", () => new Response("", { status: 500 }), "unreachable", null],
  ["that is not there", () => new Response("", { status: 404 }), "not_found", null],
  ["that wants a password", () => new Response("", { status: 401 }), "unauthorized", null],
  [
    "that wants rest",
    () => new Response("", { status: 429, headers: { "retry-after": "7" } }),
    "rate_limited",
    7000,
  ],
  ["that is no JSON", () => new Response("<html>"), "invalid", null],
  ["without releases", () => Response.json({}), "invalid", null],
  ["with a release without a tag", () => Response.json({ releases: [{}] }), "invalid", null],
];

for (const [what, answer, kind, retryAfterMs] of ANSWERS) {
  Deno.test(`an index ${what} is an error without the secrets of its URL`, async () => {
    await withServer(answer, async (url) => {
      const registry = new IndexRegistry(`${url}?key=secret`);
      const error = await assertRejects(() => registry.releases(never), RegistryError);
      assertEquals([error.kind, error.retryAfterMs], [kind, retryAfterMs]);
      assertEquals(error.message.includes("secret"), false, error.message);
    });
  });
}

Deno.test("a server that is not there is unreachable, and its secrets stay unsaid", async () => {
  const registry = new IndexRegistry("http://127.0.0.1:1/index.json?key=secret");
  const error = await assertRejects(() => registry.releases(never), RegistryError);
  assertEquals([error.kind, error.message.includes("secret")], ["unreachable", false]);
});

Deno.test("asking ends with its signal", async () => {
  const stop = new AbortController();
  await withServer(async (request) => {
    stop.abort(new Error("enough"));
    await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
    return new Response();
  }, async (url) => {
    await assertRejects(() => new IndexRegistry(url).releases(stop.signal), Error, "enough");
  });
});
