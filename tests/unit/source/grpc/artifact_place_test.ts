import { assertEquals, assertThrows } from "@std/assert";
import { artifactPlace, fileName } from "../../../../src/source/grpc/artifact_place.ts";
import { RegistryError } from "../../../../src/source/registry.ts";

Deno.test("a file of a release on GitHub is found by its tag, which may have slashes", () => {
  const place = artifactPlace("ghr://owner/app/tag/app/v1.0.0/app.tgz");
  const { target, ...rest } = place;
  assertEquals([target.kind, target.text], ["github", "ghr://owner/app"]);
  assertEquals(rest, { tag: "app/v1.0.0", name: "app.tgz" });
});

const KEYS: readonly [string, string, string][] = [
  ["s3://eu/bucket/a/v1/app.tgz", "s3://eu/bucket", "a/v1/app.tgz"],
  ["s3://eu/b/app.tgz?endpoint=http://h:1", "s3://eu/b?endpoint=http://h:1", "app.tgz"],
  ["gs://bucket/a/v1/app.tgz", "gs://bucket", "a/v1/app.tgz"],
  ["https://h/a/app.tgz?sig=1", "https://h/a/app.tgz?sig=1", "https://h/a/app.tgz?sig=1"],
];

for (const [url, text, ref] of KEYS) {
  Deno.test(`${url} is a file in ${text}`, () => {
    const { target, ...rest } = artifactPlace(url);
    assertEquals(target.text, text);
    assertEquals(rest, { asset: { name: "app.tgz", size: null, ref, sha256: null } });
  });
}

const BAD: readonly [string, string][] = [
  ["", "names no file"],
  ["nothing", "it is none of"],
  ["https://h", "names no file"],
  ["https://h/..", "names no file"],
  ["ghr://owner/app/tag/v1/", "names no file"],
  ["ghr://owner/app/v1/a.tgz", "is not ghr://OWNER/REPO/tag/TAG/FILE"],
  ["ghr://owner/app/tag/a.tgz", "is not ghr://OWNER/REPO/tag/TAG/FILE"],
  ["s3://eu//a.tgz", "is not s3://REGION/BUCKET"],
  ["s3://eu/b/a.tgz?endpoint=x", "is no URL"],
  ["file:///etc/passwd", "it is none of"],
  ["http://h/a.tgz", "it is none of"],
  ["grpc://h:1/a", "it is none of"],
  ["img://h/app:v1", "an image is no file"],
];

for (const [url, complaint] of BAD) {
  Deno.test(`${JSON.stringify(url)} is no artifact`, () => {
    assertThrows(() => artifactPlace(url), RegistryError, complaint);
  });
}

Deno.test("the name of a file holds no query", () => {
  assertEquals(fileName("https://h/a/b.tgz?c=/d"), "b.tgz");
});
