import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  formatReference,
  formatShortRepository,
  type ImageReference,
  isTag,
  parseImageName,
  parseReference,
} from "../../../src/image/image_reference.ts";

const HEX = "0123456789abcdef".repeat(4);
const DIGEST = `sha256:${HEX}`;

/** Host, repository, tag, digest. */
type Parts = [host: string, repository: string, tag: string | null, digest: string | null];

const GOOD: readonly [text: string, parts: Parts][] = [
  ["ghcr.io/foo/bar:0.1.2", ["ghcr.io", "foo/bar", "0.1.2", null]],
  ["registry:5000/foo/bar:0.1", ["registry:5000", "foo/bar", "0.1", null]],
  [`ghcr.io/foo/bar@${DIGEST}`, ["ghcr.io", "foo/bar", null, DIGEST]],
  [`repo:0.1@${DIGEST}`, ["docker.io", "library/repo", "0.1", DIGEST]],
  ["localhost:5000/foo", ["localhost:5000", "foo", null, null]],
  ["ghcr.io/a/b", ["ghcr.io", "a/b", null, null]],
  ["bar", ["docker.io", "library/bar", null, null]],
  ["0.1.2", ["docker.io", "library/0.1.2", null, null]],
  ["owner/app", ["docker.io", "owner/app", null, null]],
  ["localhost/app", ["localhost", "app", null, null]],
  ["localhost:5000", ["docker.io", "library/localhost", "5000", null]],
  ["docker.io/nginx:1.27", ["docker.io", "library/nginx", "1.27", null]],
  ["index.docker.io/nginx", ["docker.io", "library/nginx", null, null]],
  ["[::1]:5000/a/b:v1", ["[::1]:5000", "a/b", "v1", null]],
  ["[fe80::1]/a", ["[fe80::1]", "a", null, null]],
  ["EXAMPLE.org/a", ["EXAMPLE.org", "a", null, null]],
  ["a.b/c__d/e---f/g_h.i:_", ["a.b", "c__d/e---f/g_h.i", "_", null]],
  [`h.io/a:${"t".repeat(128)}`, ["h.io", "a", "t".repeat(128), null]],
  [`h.io/a@sha512:${HEX}${HEX}`, ["h.io", "a", null, `sha512:${HEX}${HEX}`]],
  [`h.io/${"a".repeat(250)}`, ["h.io", "a".repeat(250), null, null]],
];

for (const [text, [host, repository, tag, digest]] of GOOD) {
  Deno.test(`an image reference is read: ${text.slice(0, 60)}`, () => {
    assertEquals(parseReference(text), { host, repository, tag, digest });
  });
}

const BAD: readonly [text: string, message: string][] = [
  ["", '"" is no image reference: it names no image'],
  ["/", 'the repository "/" has to be words'],
  ["ghcr.io/", '"ghcr.io/" is no image reference: it names no image'],
  ["ghcr.io//a", "has to be words of small letters and digits"],
  ["a/", "has to be words"],
  ["a b", "has to be words"],
  ["a\n", "has to be words"],
  ["..", "has to be words"],
  ["a/../b", "has to be words"],
  ["-a", "has to be words"],
  ["a-", "has to be words"],
  ["a___b", "has to be words"],
  ["a._b", "has to be words"],
  ["Foo/bar", 'the repository "Foo/bar" has capitals, give it in small letters'],
  ["ghcr.io/Foo", 'the repository "Foo" has capitals'],
  ["https://ghcr.io/a", '"https:" is no host'],
  ["-h.io/a", '"-h.io" is no host'],
  ["h.io:x/a", '"h.io:x" is no host'],
  ["h.io:/a", '"h.io:" is no host'],
  ["a:", 'the tag "" has to be 1 to 128 letters'],
  ["a:-1", 'the tag "-1" has to be'],
  ["a:b c", 'the tag "b c" has to be'],
  ["a:ü", 'the tag "ü" has to be'],
  [`a:${"t".repeat(129)}`, "1 to 128"],
  ["a@", 'the digest "" has to be sha256: and 64 hexadecimal digits'],
  ["a@sha256:abc", 'the digest "sha256:abc" has to be'],
  [`a@sha256:${HEX.toUpperCase()}`, "in small letters"],
  [`a@md5:${HEX}`, "has to be sha256:"],
  [`a@${DIGEST}@${DIGEST}`, "it has more than one @"],
  [`@${DIGEST}`, "it names no image"],
  [DIGEST, "that is the id of an image on this host, give HOST/REPO@sha256:…"],
  [HEX, "that is the id of an image on this host"],
  [`h.io/${"a".repeat(251)}`, "it is longer than 255 characters"],
];

for (const [text, message] of BAD) {
  Deno.test(`what is no image reference is named: ${JSON.stringify(text).slice(0, 60)}`, () => {
    const error = assertThrows(() => parseReference(text), SyntaxError, message);
    assertEquals(error.message.includes("is no image reference: "), true);
  });
}

Deno.test("a reference by digest alone has no tag: never an empty one", () => {
  assertEquals(parseReference(`ghcr.io/foo/bar@${DIGEST}`).tag, null);
});

Deno.test("the id of an image is an id: its digits are never a tag", () => {
  assertEquals(parseImageName(DIGEST), { kind: "id", id: DIGEST });
  assertThrows(() => parseReference(DIGEST), SyntaxError);
  assertThrows(() => parseImageName("sha256:abc"), SyntaxError, "64 hexadecimal digits");
  const reference = parseReference("app:v1");
  assertEquals(parseImageName("app:v1"), { kind: "reference", reference });
});

Deno.test("a repository has a short name on Docker Hub only, which means the same", () => {
  const names = ["docker.io/library/nginx", "docker.io/owner/app", "ghcr.io/library/app"];
  const short = names.map((name) => formatShortRepository(parseReference(name)));
  assertEquals(short, ["nginx", "owner/app", "ghcr.io/library/app"]);
  assertEquals(short.map((name) => formatReference(parseReference(name))), names);
});

Deno.test("a reference means the same, written out and read again", () => {
  fc.assert(fc.property(references(), (reference) => {
    assertEquals(parseReference(formatReference(reference)), reference);
  }));
});

Deno.test("whatever text there is, it is a reference that can be written, or a SyntaxError", () => {
  const characters = fc.constantFrom(..."aZ0.:/@-_[] ", "sha256:", HEX, "localhost", "docker.io");
  const texts = fc.oneof(fc.string(), fc.array(characters).map((parts) => parts.join("")));
  fc.assert(
    fc.property(texts, (text) => {
      let reference: ImageReference;
      try {
        reference = parseReference(text);
      } catch (error) {
        assertEquals(error instanceof SyntaxError, true);
        return;
      }
      assertEquals(parseReference(formatReference(reference)), reference);
      assertEquals(reference.tag === null || isTag(reference.tag), true);
    }),
    { numRuns: 2_000 },
  );
});

function references(): fc.Arbitrary<ImageReference> {
  const part = fc.stringMatching(/^[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,8}){0,2}$/);
  return fc.record({
    host: fc.oneof(
      fc.constantFrom("docker.io", "localhost", "localhost:5000", "[::1]:80", "ghcr.io"),
      fc.stringMatching(/^[a-z0-9]{1,8}(-[a-z0-9]{1,8})?\.[a-z]{2,5}(:\d{1,5})?$/),
    ),
    // Two parts: one alone would be in the library of Docker Hub.
    repository: fc.array(part, { minLength: 2, maxLength: 4 }).map((parts) => parts.join("/")),
    tag: fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/)),
    digest: fc.option(fc.stringMatching(/^sha256:[0-9a-f]{64}$/)),
  }).filter(({ host }) => host !== "index.docker.io");
}
