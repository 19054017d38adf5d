import { assertEquals, assertMatch } from "@std/assert";
import { answerFrom } from "../../../../src/runtime/site/answer_from.ts";

const FILES: Readonly<Record<string, string>> = {
  "site/index.html": "<p>home",
  "site/docs/index.html": "<p>docs",
  "site/app.js": "run()",
  "site/empty.txt": "",
  "site/a b+ü.txt": "odd",
  "site/noindex/x.txt": "x",
  "site/.env": "SECRET=1",
  "site/.well-known/security.txt": "Contact: us",
  "site/.well-known/.hidden": "no",
  "secret.txt": "outside",
};

interface Site {
  root: string;
  ask(path: string, headers?: Record<string, string>, method?: string): Promise<Response>;
}

async function withSite(test: (site: Site) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "liveroll-site-" });
  try {
    for (const [path, text] of Object.entries(FILES)) {
      await Deno.mkdir(`${dir}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
      await Deno.writeTextFile(`${dir}/${path}`, text);
    }
    const root = `${dir}/site`;
    const ask: Site["ask"] = (path, headers = {}, method = "GET") =>
      answerFrom(root, new Request(`http://site.example${path}`, { method, headers }));
    await test({ root, ask });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const ANSWERS: readonly [path: string, status: number, text: string][] = [
  ["/", 200, "<p>home"],
  ["/index.html?x=1", 200, "<p>home"],
  ["/docs/", 200, "<p>docs"],
  ["//docs//", 200, "<p>docs"],
  ["/a%20b+%C3%BC.txt", 200, "odd"],
  ["/empty.txt", 200, ""],
  ["/.well-known/security.txt", 200, "Contact: us"],
  ["/none", 404, "Not Found\n"],
  ["/noindex/", 404, "Not Found\n"],
  ["/noindex", 404, "Not Found\n"],
  ["/app.js/", 404, "Not Found\n"],
  ["/app.js/more", 404, "Not Found\n"],
  ["/.env", 404, "Not Found\n"],
  ["/%2eenv", 404, "Not Found\n"],
  ["/.well-known/.hidden", 404, "Not Found\n"],
  ["/docs/.well-known/", 404, "Not Found\n"],
  ["/../secret.txt", 404, "Not Found\n"],
  ["/%2e%2e/secret.txt", 404, "Not Found\n"],
  ["/..%2fsecret.txt", 404, "Not Found\n"],
  ["/docs/..%2f..%2fsecret.txt", 404, "Not Found\n"],
  ["/docs/%2e%2e%2f%2e%2e%2fsecret.txt", 404, "Not Found\n"],
  ["/docs%2f..%2f..%2fsecret.txt", 404, "Not Found\n"],
  ["/%00", 404, "Not Found\n"],
  ["/app.js%00.png", 404, "Not Found\n"],
  ["/%zz", 404, "Not Found\n"],
  [`/${"long".repeat(500)}`, 404, "Not Found\n"],
];

for (const [path, status, text] of ANSWERS) {
  Deno.test(`${path.slice(0, 40)} is answered ${status}`, () =>
    withSite(async ({ ask }) => {
      const answer = await ask(path);
      assertEquals([answer.status, await answer.text()], [status, text]);
    }));
}

Deno.test("a file comes with its type, its length and what tells it from others", () =>
  withSite(async ({ ask }) => {
    const { headers, body } = await ask("/app.js");
    await body?.cancel();
    assertEquals(headers.get("content-type"), "text/javascript; charset=UTF-8");
    assertEquals(headers.get("content-length"), "5");
    assertMatch(headers.get("etag") ?? "", /^"[a-z0-9-]+"$/);
    assertEquals(Number.isNaN(Date.parse(headers.get("last-modified") ?? "")), false);
    assertEquals([headers.get("cache-control"), headers.get("server")], ["no-cache", null]);
  }));

Deno.test("HEAD is answered like GET, without the file", () =>
  withSite(async ({ ask }) => {
    const answer = await ask("/app.js", {}, "HEAD");
    assertEquals([answer.status, answer.headers.get("content-length")], [200, "5"]);
    assertEquals(await answer.text(), "");
  }));

for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
  Deno.test(`${method} is refused`, () =>
    withSite(async ({ ask }) => {
      const answer = await ask("/", {}, method);
      await answer.body?.cancel();
      assertEquals([answer.status, answer.headers.get("allow")], [405, "GET, HEAD"]);
    }));
}

Deno.test("a directory without its slash leads to the one with it, whatever the client calls us", () =>
  withSite(async ({ ask }) => {
    const answer = await ask("/docs?x=1");
    await answer.body?.cancel();
    assertEquals([answer.status, answer.headers.get("location")], [301, "./docs/?x=1"]);
  }));

Deno.test("404.html is the answer for what is not there", () =>
  withSite(async ({ root, ask }) => {
    await Deno.writeTextFile(`${root}/404.html`, "<p>gone");
    const answer = await ask("/none", { range: "bytes=0-1", "if-none-match": "*" });
    assertEquals([answer.status, await answer.text()], [404, "<p>gone"]);
    assertEquals(answer.headers.get("etag"), null);
    assertEquals(answer.headers.get("content-type"), "text/html; charset=UTF-8");
  }));

Deno.test("what the client has already is not sent again", () =>
  withSite(async ({ ask }) => {
    const first = await ask("/app.js");
    await first.body?.cancel();
    const etag = first.headers.get("etag") ?? "";
    const date = first.headers.get("last-modified") ?? "";
    const again = await ask("/app.js", { "if-none-match": etag });
    assertEquals([again.status, await again.text()], [304, ""]);
    assertEquals((await ask("/app.js", { "if-modified-since": date })).status, 304);
    const other = await ask("/app.js", { "if-none-match": `W/"other"` });
    assertEquals([other.status, await other.text()], [200, "run()"]);
  }));

Deno.test("a file is sent although it is older than what the client has: it may be that of a rollback", () =>
  withSite(async ({ ask }) => {
    const tomorrow = new Date(Date.now() + 86_400_000).toUTCString();
    const answer = await ask("/app.js", { "if-modified-since": tomorrow });
    assertEquals([answer.status, await answer.text()], [200, "run()"]);
  }));

Deno.test("a part of a file is sent, but not to go with a part of another version", () =>
  withSite(async ({ ask }) => {
    const part = await ask("/app.js", { range: "bytes=1-2" });
    assertEquals([part.status, await part.text()], [206, "un"]);
    assertEquals(part.headers.get("content-range"), "bytes 1-2/5");
    const none = await ask("/app.js", { range: "bytes=9-" });
    await none.body?.cancel();
    assertEquals([none.status, none.headers.get("content-range")], [416, "bytes */5"]);
    const etag = part.headers.get("etag") ?? "";
    const resumed = await ask("/app.js", { range: "bytes=1-2", "if-range": etag });
    assertEquals([resumed.status, await resumed.text()], [206, "un"]);
    const other = await ask("/app.js", { range: "bytes=1-2", "if-range": `"other"` });
    assertEquals([other.status, await other.text()], [200, "run()"]);
  }));

Deno.test("an answer that has begun ends with the file that it began with", () =>
  withSite(async ({ root, ask }) => {
    const old = "a".repeat(1024 ** 2);
    await Deno.writeTextFile(`${root}/big.txt`, old);
    const answer = await ask("/big.txt");
    await Deno.remove(root, { recursive: true });
    await Deno.mkdir(root);
    await Deno.writeTextFile(`${root}/big.txt`, "b".repeat(1024 ** 2));
    assertEquals(await answer.text() === old, true);
  }));
