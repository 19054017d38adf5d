import { assertEquals, assertRejects } from "@std/assert";
import { ask, askBytes, readJson, readMembers, readText } from "../../../src/source/http.ts";
import { RegistryError, type RegistryErrorKind } from "../../../src/source/registry.ts";

const never = new AbortController().signal;

/** A web server that answers as `handler` says, at the URL given to `test`. */
async function withServer(
  handler: (request: Request, url: URL) => Response | Promise<Response>,
  test: (url: string) => Promise<void>,
): Promise<void> {
  const at = { hostname: "127.0.0.1", port: 0, onListen() {} };
  await using server = Deno.serve(at, (request) => handler(request, new URL(request.url)));
  await test(`http://127.0.0.1:${server.addr.port}`);
}

async function refused(work: () => Promise<unknown>): Promise<RegistryError> {
  const error = await assertRejects(work, RegistryError);
  assertEquals(Deno.inspect(error).includes("secret"), false, Deno.inspect(error));
  return error;
}

const STATUSES: readonly [number, RegistryErrorKind][] = [
  [400, "invalid"],
  [401, "unauthorized"],
  [403, "unauthorized"],
  [404, "not_found"],
  [408, "unreachable"],
  [410, "not_found"],
  [429, "rate_limited"],
  [500, "unreachable"],
  [503, "unreachable"],
];

for (const [status, kind] of STATUSES) {
  Deno.test(`an answer of ${status} is ${kind}`, async () => {
    await withServer(() => new Response("secret", { status }), async (url) => {
      const place = url.replace("//", "//user:secret@");
      const error = await refused(() => ask({ url: `${place}/x?key=secret`, signal: never }));
      assertEquals(error.kind, kind);
      assertEquals(error.message, `Cannot GET ${url}/x: it answered ${status}`);
    });
  });
}

const RESTS: readonly [Record<string, string>, number | null][] = [
  [{}, null],
  [{ "retry-after": "7" }, 7000],
  [{ "retry-after": "Sun, 01 Mar 2026 00:00:09 GMT" }, 9000],
  [{ "retry-after": "Sat, 28 Feb 2026 00:00:00 GMT" }, 0],
  [{ "retry-after": "soon" }, null],
  [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1772323211" }, 11_000],
  [{ "x-ratelimit-remaining": "5", "x-ratelimit-reset": "1772323211" }, null],
  [{ "retry-after": "99999999" }, 3600_000],
];

for (const [headers, retryAfterMs] of RESTS) {
  Deno.test(`an answer of 503 with ${JSON.stringify(headers)} asks for ${retryAfterMs} ms`, async () => {
    // By the clock of the server, whatever ours says.
    const date = "Sun, 01 Mar 2026 00:00:00 GMT";
    const answer = () => new Response("", { status: 503, headers: { date, ...headers } });
    await withServer(answer, async (url) => {
      assertEquals((await refused(() => ask({ url, signal: never }))).retryAfterMs, retryAfterMs);
    });
  });
}

Deno.test("what a refusal says is told in the words that were picked from it", async () => {
  await withServer(() => new Response("Code: Nope, secret", { status: 400 }), async (url) => {
    const explain = (body: string) => /Code: (\w+)/.exec(body)?.[1] ?? null;
    const error = await refused(() => ask({ url, signal: never, explain }));
    assertEquals(error.message.endsWith("it answered 400 (Nope)"), true, error.message);
  });
});

Deno.test("a refusal that never ends is not read to its end", async () => {
  const body = () =>
    new ReadableStream<Uint8Array>({
      pull: (stream) => stream.enqueue(new Uint8Array(8192)),
    });
  await withServer(() => new Response(body(), { status: 500 }), async (url) => {
    assertEquals((await refused(() => ask({ url, signal: never }))).kind, "unreachable");
  });
});

Deno.test("who asks is told to no other server, and not again after coming back", async () => {
  const seen: string[] = [];
  const note = ({ headers }: Request, { pathname }: URL) =>
    seen.push(`${pathname} ${headers.get("authorization")} ${headers.get("accept")}`);
  let first = "";
  await withServer((request, url) => {
    note(request, url);
    return Response.redirect(`${first}/c`);
  }, async (other) => {
    await withServer((request, url) => {
      note(request, url);
      if (url.pathname === "/c") return new Response("there");
      return Response.redirect(url.pathname === "/a" ? `${url.origin}/b` : `${other}/x`, 307);
    }, async (url) => {
      first = url;
      const headers = { Authorization: "secret", Accept: "text/plain" };
      const response = await ask({ url: `${url}/a`, headers, signal: never });
      assertEquals(await response.text(), "there");
    });
  });
  const [own, other] = ["secret text/plain", "null text/plain"];
  assertEquals(seen, [`/a ${own}`, `/b ${own}`, `/x ${other}`, `/c ${other}`]);
});

Deno.test("redirects that run in circles, or lead nowhere, are not followed", async () => {
  const targets: readonly [string, string][] = [
    ["/x?key=secret", "it runs in circles"],
    ["ftp://host/secret", "it points nowhere to go"],
    ["http://[secret", "it points nowhere to go"],
  ];
  for (const [location, complaint] of targets) {
    const answer = () => new Response(null, { status: 302, headers: { location } });
    await withServer(answer, async (url) => {
      const error = await refused(() => ask({ url: `${url}/x`, signal: never }));
      assertEquals([error.kind, error.message.includes(complaint)], ["invalid", true]);
    });
  }
});

Deno.test("what is sent is sent again only to the same server, and only if that asks so", async () => {
  const bodies: string[] = [];
  await withServer(async (request, { pathname, origin }) => {
    bodies.push(await request.text());
    if (pathname === "/b") return new Response();
    const status = pathname === "/a" ? 307 : 302;
    return Response.redirect(`${origin}/b`, status);
  }, async (url) => {
    const request = { method: "POST", body: "x", signal: never };
    const response = await ask({ ...request, url: `${url}/a` });
    await response.body?.cancel();
    assertEquals(bodies, ["x", "x"]);
    const error = await refused(() => ask({ ...request, url: `${url}/c` }));
    assertEquals(error.message, `Cannot POST ${url}/c: it moved away`);
  });
});

Deno.test("a server that does not answer is given up", async () => {
  const answer = Promise.withResolvers<Response>();
  await withServer((request) => {
    request.signal.addEventListener("abort", () => answer.resolve(new Response()));
    return answer.promise;
  }, async (url) => {
    const error = await refused(() => ask({ url, signal: never, answerMs: 50 }));
    assertEquals([error.kind, error.message], [
      "unreachable",
      `Cannot GET ${url}/: no answer in 0.05 s`,
    ]);
  });
});

Deno.test("a server that is not there is unreachable", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://user:secret@127.0.0.1:${listener.addr.port}/x?key=secret`;
  listener.close();
  assertEquals((await refused(() => ask({ url, signal: never }))).kind, "unreachable");
});

Deno.test("nothing is asked when there is no time left", async () => {
  const request = { url: "http://127.0.0.1:9/", signal: AbortSignal.abort(new Error("enough")) };
  await assertRejects(() => ask(request), Error, "enough");
});

Deno.test("a header that cannot be sent is named, and not shown", async () => {
  const headers = { authorization: "a\nsecret" };
  const error = await refused(() => ask({ url: "http://127.0.0.1:9/", headers, signal: never }));
  assertEquals(error.message.includes("what is given for authorization cannot be sent"), true);
});

Deno.test("an answer that is too long is not read to its end", async () => {
  await withServer(() => new Response("12345678"), async (url) => {
    const whole = await ask({ url, signal: never });
    assertEquals(await readText(whole, { maxBytes: 8 }), "12345678");
    const tooLong = await ask({ url, signal: never });
    const error = await refused(() => readText(tooLong, { maxBytes: 7 }));
    assertEquals([error.kind, error.message.includes("longer than 7 bytes")], ["invalid", true]);
  });
});

/** An answer that begins and does not go on. */
function stalled(request: Request): Response {
  return new Response(
    new ReadableStream<Uint8Array>({
      start(stream) {
        stream.enqueue(new Uint8Array(1));
        request.signal.addEventListener("abort", () => stream.close());
      },
    }),
  );
}

Deno.test("an answer that does not go on is given up", async () => {
  await withServer(stalled, async (url) => {
    const response = await ask({ url, signal: never });
    const error = await refused(() => readText(response, { readMs: 50 }));
    assertEquals([error.kind, error.message.includes("more than 0.05 s")], ["unreachable", true]);
  });
});

Deno.test("reading an answer ends with the signal of its request", async () => {
  await withServer(stalled, async (url) => {
    const stop = new AbortController();
    const response = await ask({ url, signal: stop.signal });
    const text = readText(response);
    stop.abort(new Error("enough"));
    await refused(() => text);
  });
});

Deno.test("what is no JSON, or no object, is no answer", async () => {
  const read = async (url: string, how: (response: Response) => Promise<unknown>) =>
    await how(await ask({ url, signal: never }));
  await withServer((_, { pathname }) => new Response(pathname.slice(1)), async (url) => {
    assertEquals(await read(`${url}/1`, readJson), 1);
    assertEquals(
      (await refused(() => read(`${url}/secret`, readJson).catch(hidePath))).kind,
      "invalid",
    );
    for (const text of ["1", "null", "[]"]) {
      assertEquals((await refused(() => read(`${url}/${text}`, readMembers))).kind, "invalid");
    }
  });
});

/** A path is no secret; here it is what the server repeats. */
function hidePath(error: unknown): never {
  if (!(error instanceof RegistryError)) throw error;
  throw new RegistryError(error.kind, error.message.replace(/\/secret is/, "/x is"));
}

const BYTES = "0123456789";

function bytesFrom(from: number): Response {
  return new Response(BYTES.slice(from), {
    status: 206,
    headers: { "content-range": `bytes ${from}-9/10` },
  });
}

Deno.test("bytes are asked for as they are", async () => {
  await withServer(
    (request) => new Response(request.headers.get("accept-encoding")),
    async (url) => {
      const { body, offset, totalBytes } = await askBytes({ url, offset: 0, signal: never });
      assertEquals([await new Response(body).text(), offset, totalBytes], ["identity", 0, 8]);
    },
  );
});

Deno.test("a server that cannot go on begins again", async () => {
  await withServer(() => new Response(BYTES), async (url) => {
    const { body, offset, totalBytes } = await askBytes({ url, offset: 4, signal: never });
    assertEquals([await new Response(body).text(), offset, totalBytes], [BYTES, 0, 10]);
  });
});

Deno.test("a server that goes on elsewhere is not used", async () => {
  await withServer(() => bytesFrom(5), async (url) => {
    const error = await refused(() => askBytes({ url, offset: 4, signal: never }));
    assertEquals(error.kind, "invalid");
  });
});

Deno.test("a server that has no such range, whatever is asked, is not asked for ever", async () => {
  let count = 0;
  await withServer(() => {
    count++;
    return new Response("", { status: 416 });
  }, async (url) => {
    const error = await refused(() => askBytes({ url, offset: 4, signal: never }));
    assertEquals([error.kind, count], ["invalid", 2]);
  });
});

Deno.test("a size that is not known is not guessed", async () => {
  const range = { "content-range": "bytes 4-9/*" };
  await withServer(
    () => new Response(BYTES.slice(4), { status: 206, headers: range }),
    async (url) => {
      const { body, totalBytes } = await askBytes({ url, offset: 4, signal: never });
      assertEquals([await new Response(body).text(), totalBytes], ["456789", null]);
    },
  );
});
