import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type ChecksumPolicy,
  type ChecksumSubject,
  MAX_CHECKSUM_FILE_BYTES,
  verifyChecksum,
} from "../../../src/artifact/checksum.ts";
import { findChecksum } from "../../../src/artifact/checksum_lines.ts";
import { checksumFiles } from "../../../src/artifact/checksum_names.ts";
import { ArtifactRefusedError } from "../../../src/artifact/refused.ts";

const ASSET = "app_linux_amd64.tar.gz";
const RIGHT = "a1".repeat(32);
const WRONG = "b2".repeat(32);
const SUBJECT: ChecksumSubject = { name: ASSET, sha256: RIGHT, vouchedFor: null };

/** Verifies against a release that has these files. */
async function verify(
  files: Readonly<Record<string, string>>,
  policy: ChecksumPolicy = "auto",
  subject: ChecksumSubject = SUBJECT,
) {
  const read: string[] = [];
  const verdict = await verifyChecksum(subject, {
    names: [ASSET, "other.zip", ...Object.keys(files)],
    read(name, maxBytes) {
      assertEquals(maxBytes, MAX_CHECKSUM_FILE_BYTES);
      read.push(name);
      return Promise.resolve(new TextEncoder().encode(files[name]));
    },
  }, policy);
  return { verdict, read };
}

Deno.test("checksumFiles() looks for the asset's own file first, then for common ones, in Dewy's order", () => {
  const names = [
    "zzz_checksums.txt",
    "app_1.2.3_checksums.txt",
    "checksums_sha256.txt",
    "checksums.sha256",
    "checksums.txt",
    "SHA256SUMS.txt",
    "SHA256SUMS",
    `${ASSET}.sha256sums`,
    `${ASSET}.sha256.txt`,
    `${ASSET}.sha256sum`,
    `${ASSET}.sha256`,
    ASSET,
    "other.zip.sha256",
    "checksums.md5",
  ];
  const files = checksumFiles(ASSET, names);
  assertEquals(files.map(({ name }) => name), [
    `${ASSET}.sha256`,
    `${ASSET}.sha256sum`,
    `${ASSET}.sha256.txt`,
    `${ASSET}.sha256sums`,
    "SHA256SUMS",
    "SHA256SUMS.txt",
    "checksums.txt",
    "checksums.sha256",
    "checksums_sha256.txt",
    "app_1.2.3_checksums.txt",
    "zzz_checksums.txt",
  ]);
  assertEquals(files.map(({ isOwn }) => isOwn).lastIndexOf(true), 3);
});

for (
  const [what, text] of [
    ["GNU's form", `${WRONG}  other.zip\n${RIGHT}  ${ASSET}\n`],
    ["GNU's form for binary files", `${WRONG} *other.zip\n${RIGHT} *${ASSET}\n`],
    ["BSD's form", `SHA256 (other.zip) = ${WRONG}\nSHA256 (${ASSET}) = ${RIGHT}\n`],
    ["lines that end with CR and LF", `${WRONG}  other.zip\r\n${RIGHT}  ${ASSET}\r\n`],
    ["digests in upper case", `${RIGHT.toUpperCase()}  ${ASSET}`],
    ["a path before the name", `${WRONG}  dist/other.zip\n${RIGHT}  ./dist/${ASSET}\n`],
    ["one space or a tab", `${WRONG} other.zip\n${RIGHT}\t${ASSET}\n`],
    ["comments and empty lines", `# SHA-256\n\n${RIGHT}  ${ASSET}\n${WRONG}  other.zip\n\n`],
    ["the same line twice", `${RIGHT}  ${ASSET}\n${RIGHT} *${ASSET}\n`],
  ] as const
) {
  Deno.test(`findChecksum() reads ${what}`, () => {
    assertEquals(findChecksum(text, ASSET, { isOwn: false }), RIGHT);
  });
}

for (
  const [what, text] of [
    ["a digest alone", `${RIGHT}\n`],
    ["a digest of standard input", `${RIGHT}  -\n`],
    ["a digest under a former name", `${RIGHT}  build-1234.tar.gz\n`],
  ] as const
) {
  Deno.test(`findChecksum() takes ${what} in the asset's own file, and nowhere else`, () => {
    assertEquals(findChecksum(text, ASSET, { isOwn: true }), RIGHT);
    assertEquals(findChecksum(text, ASSET, { isOwn: false }), null);
  });
}

Deno.test("findChecksum() finds nothing in what is no checksum of this asset", () => {
  const texts = [
    "",
    "<html>Not found</html>",
    `${RIGHT}  ${ASSET}.sig`,
    `${"a1".repeat(20)}  ${ASSET}`,
  ];
  for (const text of texts) assertEquals(findChecksum(text, ASSET, { isOwn: false }), null, text);
});

Deno.test("findChecksum() reads names that GNU's programs escape", () => {
  assertEquals(findChecksum(`\\${RIGHT}  a\\\\b\n`, "a\\b", { isOwn: false }), RIGHT);
});

Deno.test("findChecksum() does not choose between two", () => {
  const text = `${RIGHT}  ${ASSET}\n${WRONG}  ${ASSET}\n`;
  assertThrows(() => findChecksum(text, ASSET, { isOwn: false }), ArtifactRefusedError, "several");
});

Deno.test("verifyChecksum() says which file has the checksum", async () => {
  const files = { "checksums.txt": `${RIGHT}  ${ASSET}` };
  assertEquals((await verify(files)).verdict, { kind: "file", name: "checksums.txt" });
});

Deno.test("verifyChecksum() names both digests of a mismatch, and the file", async () => {
  const error = await assertRejects(
    () => verify({ [`${ASSET}.sha256`]: WRONG }),
    ArtifactRefusedError,
    `its SHA-256 is ${RIGHT}, and ${ASSET}.sha256 says ${WRONG}`,
  );
  assertEquals(error.kind, "checksum");
});

Deno.test("verifyChecksum() looks further when a file does not know the asset", async () => {
  const files = { "SHA256SUMS": `${WRONG}  other.zip`, "checksums.txt": `${RIGHT}  ${ASSET}` };
  assertEquals((await verify(files)).read, ["SHA256SUMS", "checksums.txt"]);
});

Deno.test("verifyChecksum() is content without a checksum, unless one is required", async () => {
  assertEquals((await verify({})).verdict, { kind: "none" });
  await assertRejects(() => verify({}, "required"), ArtifactRefusedError, "is required");
  const useless = { "SHA256SUMS": `${WRONG}  other.zip` };
  await assertRejects(() => verify(useless, "required"), ArtifactRefusedError, "is required");
});

Deno.test("verifyChecksum() takes the word of the registry where there is no file", async () => {
  const vouched = { ...SUBJECT, vouchedFor: RIGHT };
  assertEquals((await verify({}, "required", vouched)).verdict, { kind: "registry" });
  const files = { [`${ASSET}.sha256`]: WRONG };
  await assertRejects(() => verify(files, "auto", vouched), ArtifactRefusedError);
});

Deno.test("verifyChecksum() reads nothing when it is off", async () => {
  const { verdict, read } = await verify({ [`${ASSET}.sha256`]: WRONG }, "off");
  assertEquals([verdict, read], [{ kind: "none" }, []]);
});
