import { assertEquals, assertRejects } from "@std/assert";
import { readMinisignKey } from "../../../src/artifact/minisign_key.ts";
import { ArtifactRefusedError } from "../../../src/artifact/refused.ts";
import { Verifier, type VerifierOptions } from "../../../src/artifact/verifier.ts";
import type { Asset } from "../../../src/source/registry.ts";
import { cosignStandIn } from "../../helpers/cosign_stand_in.ts";
import { TempDirectory } from "./temp_directory.ts";

const NAME = "app.tar.gz";
const KEY = "RWQ+NkMuY7YuV99X7NycsO53SkenHGYZKdODPdZ1cY2Lcdz31Wvo2ovV";
const SHA256 = "ab".repeat(32);

const NOTHING: VerifierOptions = { verifyChecksum: "auto", minisignKey: null, cosign: null };
const CHECKSUM: VerifierOptions = { ...NOTHING, verifyChecksum: "required" };
const MINISIGN: VerifierOptions = { ...NOTHING, minisignKey: await readMinisignKey(KEY) };
const COSIGN: VerifierOptions = { ...NOTHING, cosign: cosign("/nonexistent/cosign") };

function cosign(program: string): VerifierOptions["cosign"] {
  return { signer: { key: "cosign.pub" }, program, env: { PATH: "/usr/bin:/bin" } };
}

function asset(name: string, more: Partial<Asset> = {}): Asset {
  return { name, size: 1, ref: name, sha256: null, ...more };
}

Deno.test("lackOf() tells what a release lacks that is demanded for its artifact", () => {
  const table: [options: VerifierOptions, others: Asset[], lack: string | null][] = [
    [NOTHING, [], null],
    [CHECKSUM, [], `checksum for ${NAME}`],
    [CHECKSUM, [asset(`${NAME}.sha256`)], null],
    [CHECKSUM, [asset("SHA256SUMS")], null],
    [CHECKSUM, [asset("other.tar.gz.sha256")], `checksum for ${NAME}`],
    // Its bytes are still on the way.
    [CHECKSUM, [asset("SHA256SUMS", { size: 0 })], `checksum for ${NAME}`],
    [MINISIGN, [asset("SHA256SUMS")], `minisign signature for ${NAME}`],
    [MINISIGN, [asset(`${NAME}.minisig`)], null],
    [COSIGN, [asset(`${NAME}.minisig`)], `cosign signature for ${NAME}`],
    [COSIGN, [asset(`${NAME}.sigstore.json`)], null],
    [COSIGN, [asset(`${NAME}.sig`)], null],
  ];
  for (const [options, others, lack] of table) {
    const release = { tag: "v1.0.0", publishedAt: 0, assets: [asset(NAME), ...others] };
    assertEquals(new Verifier(options).lackOf(release, asset(NAME)), lack, Deno.inspect(others));
  }
});

Deno.test("lackOf() takes what the registry itself vouches for as a checksum", () => {
  const vouchedFor = asset(NAME, { sha256: SHA256 });
  const release = { tag: "v1.0.0", publishedAt: 0, assets: [vouchedFor] };
  assertEquals(new Verifier(CHECKSUM).lackOf(release, vouchedFor), null);
});

/** Verifies an artifact that has these files beside it. */
async function verify(
  directory: TempDirectory,
  options: VerifierOptions,
  texts: Record<string, string>,
): Promise<void> {
  const path = `${directory.path}/${NAME}`;
  await Deno.writeTextFile(path, "bytes");
  const files = {
    names: [NAME, ...Object.keys(texts)],
    read: (name: string) => Promise.resolve(new TextEncoder().encode(texts[name])),
  };
  const subject = { tag: "v1.0.0", asset: asset(NAME), path, sha256: SHA256 };
  await new Verifier(options).verify(subject, files, new AbortController().signal);
}

Deno.test("verify() refuses an artifact without the signature that is demanded", async () => {
  using directory = new TempDirectory();
  for (const [options, kind] of [[MINISIGN, "minisign"], [COSIGN, "cosign"]] as const) {
    const error = await assertRejects(
      () => verify(directory, options, { SHA256SUMS: `${SHA256}  ${NAME}` }),
      ArtifactRefusedError,
      `Cannot use ${NAME}: a ${kind} signature is required, and the release has none for it`,
    );
    assertEquals(error.kind, "signature");
  }
});

Deno.test("verify() lets cosign read the signature from the disk, and leaves nothing there", async () => {
  using directory = new TempDirectory();
  const script = `[ "$(cat "$3")" = "a bundle" ] || { echo "bad bundle" >&2; exit 1; }`;
  const { path: program, called } = cosignStandIn(directory.path, script);
  const options = { ...NOTHING, cosign: cosign(program) };
  await verify(directory, options, { [`${NAME}.sigstore.json`]: "a bundle" });
  const path = `${directory.path}/${NAME}`;
  assertEquals(called(), [
    ...["verify-blob", "--bundle", `${path}.cosign`, "--key", "cosign.pub"],
    "--insecure-ignore-tlog",
    path,
  ]);
  await assertRejects(
    () => verify(directory, options, { [`${NAME}.sigstore.json`]: "another" }),
    ArtifactRefusedError,
    "cosign says: bad bundle",
  );
  assertEquals(directory.names(), [NAME, "called", "cosign"]);
});
