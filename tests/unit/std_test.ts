import { assertEquals, assertRejects } from "@std/assert";
import { abortable } from "@std/async/abortable";
import { deadline } from "@std/async/deadline";
import { delay } from "@std/async/delay";
import { parseArgs } from "@std/cli/parse-args";
import { format as formatBytes } from "@std/fmt/bytes";
import { stripAnsiCode } from "@std/fmt/colors";
import { format as formatDuration } from "@std/fmt/duration";
import { ifNoneMatch } from "@std/http/etag";
import { accepts } from "@std/http/negotiation";
import { STATUS_CODE, STATUS_TEXT } from "@std/http/status";
import { contentType } from "@std/media-types/content-type";
import { parse } from "@std/yaml/parse";

Deno.test("every linked @std entry point resolves and answers as its declaration says", async () => {
  assertEquals(parseArgs(["--a=1"], { string: ["a"] }).a, "1");
  assertEquals(formatBytes(2048, { binary: true }), "2 kiB");
  assertEquals(stripAnsiCode("\x1b[1mx\x1b[22m"), "x");
  assertEquals(formatDuration(90_000, { ignoreZero: true }), "1m 30s");
  assertEquals(
    accepts({ headers: new Headers({ accept: "text/html" }) }, "text/plain", "text/html"),
    "text/html",
  );
  assertEquals(STATUS_TEXT[STATUS_CODE.BadGateway], "Bad Gateway");
  assertEquals([ifNoneMatch(`W/"a", "b"`, `"b"`), ifNoneMatch(null, `"b"`)], [false, true]);
  assertEquals([contentType(".svg"), contentType(".none")], ["image/svg+xml", undefined]);
  assertEquals(parse("a: 1"), { a: 1 });
  await delay(1);
  assertEquals(await abortable(Promise.resolve(1), new AbortController().signal), 1);
  const timeout = await assertRejects(() => deadline(new Promise(() => {}), 1), DOMException);
  assertEquals(timeout.name, "TimeoutError");
});
