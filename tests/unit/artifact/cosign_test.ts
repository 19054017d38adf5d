import { assertEquals, assertRejects } from "@std/assert";
import { type CosignSigner, verifyCosign } from "../../../src/artifact/cosign.ts";
import { ArtifactRefusedError } from "../../../src/artifact/refused.ts";
import { TempDirectory } from "./temp_directory.ts";

const SIGNER: CosignSigner = { key: "cosign.pub" };

/** Stands for cosign: notes how it was called, and then does what it is told to. */
function standIn(directory: TempDirectory, script: string): string {
  const path = `${directory.path}/cosign`;
  const note = `for arg; do echo "$arg"; done > ${directory.path}/called`;
  Deno.writeTextFileSync(path, `#!/bin/sh\n${note}\n${script}\n`, { mode: 0o755 });
  return path;
}

function called(directory: TempDirectory): string[] {
  return Deno.readTextFileSync(`${directory.path}/called`).trim().split("\n");
}

Deno.test("verifyCosign() hands over file, bundle and signer", async () => {
  using directory = new TempDirectory();
  const cosign = standIn(directory, "exit 0");
  await verifyCosign("app.tar.gz", "app.bundle", { signer: SIGNER, cosign });
  const [command, ...args] = ["verify-blob", "--bundle", "app.bundle"];
  assertEquals(called(directory), [command, ...args, "--key", "cosign.pub", "app.tar.gz"]);
  const signer = { identity: "me@example.com", issuer: "https://issuer.example" };
  await verifyCosign("app.tar.gz", "app.bundle", { signer, cosign });
  assertEquals(called(directory).slice(3, -1), [
    "--certificate-identity",
    "me@example.com",
    "--certificate-oidc-issuer",
    "https://issuer.example",
  ]);
});

Deno.test("verifyCosign() refuses what cosign refuses, in its words", async () => {
  using directory = new TempDirectory();
  const cosign = standIn(directory, "echo 'invalid signature' >&2; exit 1");
  const error = await assertRejects(
    () => verifyCosign("/x/app.tar.gz", "app.bundle", { signer: SIGNER, cosign }),
    ArtifactRefusedError,
    "Cannot use app.tar.gz: cosign says: invalid signature",
  );
  assertEquals(error.kind, "signature");
});

Deno.test("verifyCosign() does not blame the version when cosign is not there, or is killed", async () => {
  using directory = new TempDirectory();
  const missing = { signer: SIGNER, cosign: `${directory.path}/nothing` };
  const error = await assertRejects(() => verifyCosign("app", "bundle", missing), Error);
  assertEquals(error.message.includes("is not installed"), true, error.message);
  assertEquals(error instanceof ArtifactRefusedError, false);
  const cosign = standIn(directory, "kill -9 $$");
  const killed = await assertRejects(
    () => verifyCosign("app", "bundle", { signer: SIGNER, cosign }),
    Error,
    "did not come to an end",
  );
  assertEquals(killed instanceof ArtifactRefusedError, false);
});

Deno.test("verifyCosign() ends when it is called off", async () => {
  using directory = new TempDirectory();
  const cosign = standIn(directory, "exec sleep 60");
  const calledOff = new AbortController();
  const options = { signer: SIGNER, cosign, signal: calledOff.signal };
  const verified = verifyCosign("app", "bundle", options);
  calledOff.abort(new Error("called off"));
  await assertRejects(() => verified, Error, "called off");
});
