import { assertEquals, assertRejects } from "@std/assert";
import {
  type CosignOptions,
  findCosignSignature,
  verifyCosign,
} from "../../../src/artifact/cosign.ts";
import { type CosignSigner, signerOf } from "../../../src/artifact/cosign_signer.ts";
import { ArtifactRefusedError } from "../../../src/artifact/refused.ts";
import { cosignDouble } from "../../helpers/cosign_double.ts";
import { cosignStandIn } from "../../helpers/cosign_stand_in.ts";
import { named } from "../../helpers/named.ts";
import { testCosign } from "./cosign_claims.ts";
import { TempDirectory } from "./temp_directory.ts";

testCosign("cosign", cosignDouble);
for (const program of named("COSIGN")?.split(":") ?? []) testCosign(program, () => program);

const KEY: CosignSigner = { key: "cosign.pub" };
const BY_KEY = ["--key", "cosign.pub", "--insecure-ignore-tlog"];
const SOMEBODY: CosignSigner = { identity: "me@example.com", issuer: "https://issuer.example" };
const BUNDLE = { file: "app.bundle", isBundle: true };

function options(program: string, more: Partial<CosignOptions> = {}): CosignOptions {
  return { signer: KEY, program, env: {}, signal: new AbortController().signal, ...more };
}

Deno.test("verifyCosign() hands over file, signature and signer, word by word", async () => {
  using directory = new TempDirectory();
  const cosign = cosignStandIn(directory.path, "exit 0");
  const bare = { file: "app.sig", isBundle: false };
  for (
    const [signature, signer, words] of [
      [BUNDLE, KEY, ["--bundle", "app.bundle", ...BY_KEY]],
      [bare, KEY, ["--signature", "app.sig", ...BY_KEY]],
      [BUNDLE, SOMEBODY, [
        ...["--bundle", "app.bundle", "--certificate-identity", "me@example.com"],
        ...["--certificate-oidc-issuer", "https://issuer.example"],
      ]],
    ] as const
  ) {
    await verifyCosign("app.tar.gz", signature, options(cosign.path, { signer }));
    assertEquals(cosign.called(), ["verify-blob", ...words, "app.tar.gz"]);
  }
});

Deno.test("verifyCosign() lets cosign see nothing but the environment that it is given", async () => {
  using directory = new TempDirectory();
  const script = `[ "$SIGSTORE_ROOT_FILE" = /root.json ] && [ -z "$HOME" ]`;
  const cosign = cosignStandIn(directory.path, script);
  const env = { PATH: "/usr/bin:/bin", SIGSTORE_ROOT_FILE: "/root.json" };
  await verifyCosign("app", BUNDLE, options(cosign.path, { env }));
});

Deno.test("verifyCosign() refuses what cosign refuses, in its words", async () => {
  using directory = new TempDirectory();
  const cosign = cosignStandIn(directory.path, "echo 'invalid signature' >&2; exit 1");
  const error = await assertRejects(
    () => verifyCosign("/x/app.tar.gz", BUNDLE, options(cosign.path)),
    ArtifactRefusedError,
    "Cannot use app.tar.gz: cosign says: invalid signature",
  );
  assertEquals(error.kind, "signature");
});

Deno.test("verifyCosign() does not blame the version when cosign is not there, or is killed", async () => {
  using directory = new TempDirectory();
  const missing = options(`${directory.path}/nothing`);
  const error = await assertRejects(() => verifyCosign("app", BUNDLE, missing), Error);
  assertEquals(error.message.includes("is not installed"), true, error.message);
  assertEquals(error instanceof ArtifactRefusedError, false);
  const cosign = cosignStandIn(directory.path, "kill -9 $$");
  const killed = await assertRejects(
    () => verifyCosign("app", BUNDLE, options(cosign.path)),
    Error,
    "did not come to an end",
  );
  assertEquals(killed instanceof ArtifactRefusedError, false);
});

Deno.test("verifyCosign() ends when it is called off", async () => {
  using directory = new TempDirectory();
  const cosign = cosignStandIn(directory.path, "exec sleep 60");
  const calledOff = new AbortController();
  const { signal } = calledOff;
  const verified = verifyCosign("app", BUNDLE, options(cosign.path, { signal }));
  calledOff.abort(new Error("called off"));
  await assertRejects(() => verified, Error, "called off");
});

Deno.test("signerOf() puts the tag into an identity, as it is", () => {
  const identity = "https://github.com/o/r/release.yml@refs/tags/{{tag}}";
  assertEquals(signerOf("v1.0.0+$&", { ...SOMEBODY, identity }), {
    ...SOMEBODY,
    identity: "https://github.com/o/r/release.yml@refs/tags/v1.0.0+$&",
  });
  assertEquals(signerOf("v1.0.0", KEY), KEY);
});

Deno.test("findCosignSignature() prefers a bundle, and takes a bare signature only with a key", () => {
  const table: [names: string[], signer: CosignSigner, expected: string | null][] = [
    [["a", "a.sigstore.json", "a.bundle", "a.sig"], KEY, "a.sigstore.json"],
    [["a.sigstore"], KEY, "a.sigstore"],
    [["a.sig", "a.cosign.bundle"], KEY, "a.cosign.bundle"],
    [["a.bundle"], SOMEBODY, "a.bundle"],
    [["a.sig"], KEY, "a.sig"],
    [["a.sig"], SOMEBODY, null],
    [["b.sigstore.json", "a.minisig", "A.bundle"], KEY, null],
  ];
  for (const [names, signer, expected] of table) {
    const found = findCosignSignature("a", names, signer);
    assertEquals(found?.file ?? null, expected, names.join());
    if (found !== null) assertEquals(found.isBundle, expected !== "a.sig");
  }
});
