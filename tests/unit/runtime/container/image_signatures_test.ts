import { assertEquals, assertRejects } from "@std/assert";
import { ArtifactError } from "../../../../src/roll/effects.ts";
import type { CosignSigner } from "../../../../src/artifact/cosign_signer.ts";
import { ImageSignatures } from "../../../../src/runtime/container/image_signatures.ts";
import { cosignStandIn } from "../../../helpers/cosign_stand_in.ts";
import { TempDirectory } from "../../artifact/temp_directory.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const ID = `v2@${DIGEST}`;
const IMAGE = `ghcr.io/me/blog@${DIGEST}`;
const never = () => new AbortController().signal;

/** Signatures that a stand-in checks; it does `script`. */
async function open(home: TempDirectory, script: string, signer?: CosignSigner) {
  const key = `${home.path}/cosign.pub`;
  if (signer === undefined && !home.names().includes("cosign.pub")) {
    Deno.writeTextFileSync(key, "k");
  }
  const cosign = cosignStandIn(home.path, script);
  const options = { signer: signer ?? { key }, program: cosign.path, env: {} };
  const path = `${home.path}/signed-images`;
  return { cosign, key, signatures: await ImageSignatures.open({ cosign: options, path }) };
}

Deno.test("an image is checked by its digest, never by its tag", async () => {
  using home = new TempDirectory();
  const { signatures, cosign, key } = await open(home, "exit 0");
  await signatures.verify(ID, IMAGE, never());
  const words = cosign.called();
  assertEquals(words.toSpliced(5, 1), [
    ...["verify", "--key", key, "--insecure-ignore-tlog", "--trusted-root", IMAGE],
  ]);
  // What it was told to trust is gone: it is written anew each time.
  await assertRejects(() => Deno.lstat(words[5]!), Deno.errors.NotFound);
});

Deno.test("who has signed may depend on the tag", async () => {
  using home = new TempDirectory();
  const issuer = "https://issuer.example";
  const signer = { identity: "https://ci.example/release@{{tag}}", issuer };
  const { signatures, cosign } = await open(home, "exit 0", signer);
  await signatures.verify(ID, IMAGE, never());
  assertEquals(cosign.called(), [
    ...["verify", "--certificate-identity", "https://ci.example/release@v2"],
    ...["--certificate-oidc-issuer", issuer, IMAGE],
  ]);
});

Deno.test("what cosign refuses is the fault of the version; that cosign is not there is not", async () => {
  using home = new TempDirectory();
  const { signatures } = await open(home, "echo no signatures found >&2; exit 1");
  const refused = await assertRejects(() => signatures.verify(ID, IMAGE, never()), ArtifactError);
  assertEquals([refused.message, refused.isFault], [
    `Cannot use ${IMAGE}: cosign says: no signatures found`,
    true,
  ]);
  Deno.removeSync(`${home.path}/cosign`);
  const missing = await assertRejects(() => signatures.verify(ID, IMAGE, never()), ArtifactError);
  assertEquals(missing.isFault, false);
});

Deno.test("a registry that does not answer is not the fault of the version", async () => {
  using home = new TempDirectory();
  const question = 'Get "https://ghcr.io/v2/": dial tcp 127.0.0.1:9: connect: connection refused';
  const vain =
    `echo 'Error: ${question}' >&2; echo 'error during command execution: ${question}' >&2`;
  for (const [code, isFault] of [[1, false], [10, true], [12, true]] as const) {
    const { signatures } = await open(home, `${vain}; exit ${code}`);
    const error = await assertRejects(() => signatures.verify(ID, IMAGE, never()), ArtifactError);
    assertEquals(error.isFault, isFault, error.message);
    const how = isFault
      ? `Cannot use ${IMAGE}: cosign says`
      : `Cannot check ${IMAGE}: cosign could not ask`;
    assertEquals(error.message, `${how}: ${question}`);
  }
});

Deno.test("what was checked needs no registry any more, also in the next life", async () => {
  using home = new TempDirectory();
  const { signatures } = await open(home, "exit 0");
  await signatures.verify(ID, IMAGE, never());
  const next = await open(home, "exit 1");
  await next.signatures.verify(ID, IMAGE, never());
});

Deno.test("another key, or another image, is checked anew", async () => {
  using home = new TempDirectory();
  const { signatures, key } = await open(home, "exit 0");
  await signatures.verify(ID, IMAGE, never());
  const other = IMAGE.replaceAll("a".repeat(64), "b".repeat(64));
  const next = await open(home, "exit 1");
  await assertRejects(() => next.signatures.verify(ID, other, never()), ArtifactError);
  Deno.writeTextFileSync(key, "another");
  await assertRejects(() => next.signatures.verify(ID, IMAGE, never()), ArtifactError);
});

Deno.test("an image that is only on this host has no signature", async () => {
  using home = new TempDirectory();
  const { signatures } = await open(home, "exit 0");
  const local = `v2@local+${DIGEST}`;
  await assertRejects(
    () => signatures.verify(local, DIGEST, never()),
    ArtifactError,
    "no registry",
  );
});
