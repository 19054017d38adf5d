import { assertEquals, assertRejects } from "@std/assert";
import { capture } from "../../../scripts/lib/command.ts";
import { MINISIGN_SUFFIX, verifyMinisign } from "../../../src/artifact/minisign.ts";
import { readMinisignKey } from "../../../src/artifact/minisign_key.ts";
import { ArtifactRefusedError } from "../../../src/artifact/refused.ts";
import { needs, program } from "../../helpers/skip.ts";
import { TempDirectory } from "./temp_directory.ts";

// Made by minisign 0.11; the secret key is gone.
const KEY = "RWQ+NkMuY7YuV99X7NycsO53SkenHGYZKdODPdZ1cY2Lcdz31Wvo2ovV";
const OTHER_KEY = "RWR2GUtiPFm1CUN76gniMTKgK5TMf2gmnWT33SEBfXnlOX7h/e/o71mM";
const CONTENT = "release bytes\n";
const COMMENT = "timestamp:1 file:app.tar.gz";

/** Of the hash of the file, as minisign makes them by default. */
const SIGNATURE = `untrusted comment: signature from minisign secret key
RUQ+NkMuY7YuVxs9cxjATRiPElqWLG6KAH3kP+z9GnMejKDUcN9FW2Igl2Mx8sTqcqfOn3D4sygZlWE5Do/P5zdKc40lupIN+gA=
trusted comment: ${COMMENT}
00UrUnOo+VgVzWv0GFxhGY80tX3Aoe5YxEbks/42yxSIukFkH2gdW5qNuEk4TYTq4lv5I1Gzrh9idI3Qb7PUBQ==
`;

/** Of the file itself (\`minisign -l\`). */
const LEGACY = `untrusted comment: signature from minisign secret key
RWQ+NkMuY7YuV6WSPXiOTlAHsMsz8l0Xc6Nhd/RjD97Y16fQLZ24luLkXF4iMp03KJ3oAfJJ3IYSaxq6fYKOovDrEmVPxfQzmg0=
trusted comment: old kind
6aEjSJN7H9vzW0q4C9CfrH7B9iiLqcwuX4QgFe+P7cgXG3AQAbJ1YXVwWu3NkxJaUfu+czrFCbBM0nxMSW69CQ==
`;

async function verify(
  { content = CONTENT, signature = SIGNATURE, key = KEY }: {
    content?: string;
    signature?: string;
    key?: string;
  } = {},
): Promise<string> {
  using directory = new TempDirectory();
  const path = `${directory.path}/app.tar.gz`;
  Deno.writeTextFileSync(path, content);
  return await verifyMinisign(path, signature, await readMinisignKey(key));
}

Deno.test("verifyMinisign() takes a signature of the file's hash, and tells its comment", async () => {
  assertEquals(await verify(), COMMENT);
});

Deno.test("verifyMinisign() takes a signature of the file itself", async () => {
  assertEquals(await verify({ signature: LEGACY }), "old kind");
});

Deno.test("verifyMinisign() takes a signature file with CR and LF", async () => {
  assertEquals(await verify({ signature: SIGNATURE.replaceAll("\n", "\r\n") }), COMMENT);
});

for (
  const [what, broken, says] of [
    ["another file", { content: "other bytes\n" }, "does not match"],
    ["another file under an old signature", { content: "x", signature: LEGACY }, "does not match"],
    [
      "another key",
      { key: OTHER_KEY },
      "signed with the key 572EB6632E43363E, not with 9B5593C624B1976",
    ],
    [
      "a comment that somebody changed",
      { signature: SIGNATURE.replace("timestamp:1", "timestamp:2") },
      "trusted comment",
    ],
    [
      "a signature of the one kind as the other",
      { signature: SIGNATURE.replace("RUQ", "RWQ") },
      "does not match",
    ],
    [
      "a signature of an unknown kind",
      { signature: SIGNATURE.replace("RUQ", "RVQ") },
      "has the kind",
    ],
    ["a signature that is cut off", { signature: SIGNATURE.slice(0, 200) }, "cannot be read"],
    ["no signature at all", { signature: "<html>" }, "cannot be read"],
    ["an empty one", { signature: "" }, "cannot be read"],
  ] as const
) {
  Deno.test(`verifyMinisign() refuses ${what}`, async () => {
    const error = await assertRejects(() => verify(broken), ArtifactRefusedError, says);
    assertEquals(error.kind, "signature");
  });
}

Deno.test("readMinisignKey() reads the line alone and the whole file, and nothing else", async () => {
  const { id } = await readMinisignKey(KEY);
  assertEquals(id, "572EB6632E43363E");
  const file = `untrusted comment: minisign public key ${id}\n${KEY}\n`;
  assertEquals((await readMinisignKey(file)).id, id);
  for (const text of ["", "not base64!", KEY.slice(0, -4), "x".repeat(56)]) {
    await assertRejects(() => readMinisignKey(text), TypeError, "as a minisign public key");
  }
});

Deno.test({
  name: "verifyMinisign() agrees with minisign itself, whatever the size of the file",
  ...needs(program("minisign")),
  async fn() {
    using directory = new TempDirectory();
    const run = (...args: string[]) => minisign(directory.path, args);
    await run("-G", "-W", "-p", "key.pub", "-s", "key");
    const key = await readMinisignKey(Deno.readTextFileSync(`${directory.path}/key.pub`));
    for (const size of [0, 1, 128, 300_000]) {
      const path = `${directory.path}/file`;
      Deno.writeFileSync(path, new Uint8Array(size).fill(size));
      for (const kind of ["-H", "-l"]) {
        const signature = `${path}${MINISIGN_SUFFIX}`;
        await run("-S", kind, "-s", "key", "-m", "file", "-t", `of ${size}`);
        const text = Deno.readTextFileSync(signature);
        assertEquals(await verifyMinisign(path, text, key), `of ${size}`);
      }
    }
  },
});

async function minisign(cwd: string, args: string[]): Promise<void> {
  const result = await capture("minisign", args, { cwd });
  if (!result.ok) throw new Error(`Cannot run minisign ${args.join(" ")}: ${result.stderr}`);
}
