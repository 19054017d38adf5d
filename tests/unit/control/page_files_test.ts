import { assertEquals } from "@std/assert";
import { Rig } from "./rig.ts";

const PAGE = new Map([
  ["/", { type: "text/html; charset=utf-8", body: "<!doctype html><title>ü</title>" }],
  ["/page/icon.png", { type: "image/png", body: new Uint8Array([137, 80]) }],
]);

Deno.test("the page needs no token, and may load nothing from elsewhere", async () => {
  await using rig = await Rig.start({ page: PAGE });
  const response = await rig.tcp("/");
  assertEquals(await response.text(), "<!doctype html><title>ü</title>");
  assertEquals(response.headers.get("content-type"), "text/html; charset=utf-8");
  assertEquals(
    response.headers.get("content-security-policy"),
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
      "img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  );
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
});

Deno.test("files of the page may be bytes", async () => {
  await using rig = await Rig.start({ page: PAGE });
  const response = await rig.tcp("/page/icon.png");
  assertEquals(await response.bytes(), new Uint8Array([137, 80]));
});

Deno.test("the page can only be read", async () => {
  await using rig = await Rig.start({ page: PAGE });
  const head = await rig.tcp("/", { method: "HEAD" });
  assertEquals([head.status, await head.text()], [200, ""]);
  const post = await rig.tcp("/", { method: "POST" });
  assertEquals([post.status, (await post.json()).code], [405, "method_not_allowed"]);
  assertEquals(post.headers.get("allow"), "GET, HEAD");
});

Deno.test("what is not a file of the page is not there", async () => {
  await using rig = await Rig.start({ page: PAGE });
  for (const path of ["/page", "/page/", "/page/../page/other.js", "/index.html"]) {
    const response = await rig.tcp(path);
    assertEquals([response.status, (await response.json()).code], [404, "not_found"], path);
  }
});
