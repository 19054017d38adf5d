import { assertEquals, assertRejects } from "@std/assert";
import { openVerifier } from "../../../../src/commands/run/open_verifier.ts";
import type { CosignSigner } from "../../../../src/config/config.ts";
import { cosignStandIn } from "../../../helpers/cosign_stand_in.ts";

const SOMEBODY: CosignSigner = { identity: "me@example.com", issuer: "https://issuer.example" };

async function withDirectory(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "liveroll-verifier-" });
  try {
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** The same directory as seen from here. */
function relative(directory: string): string {
  return `.${"/..".repeat(Deno.cwd().split("/").length - 1)}${directory}`;
}

function open(cosignSigner: CosignSigner | null, PATH = "", minisignKey: string | null = null) {
  return openVerifier({ verifyChecksum: "auto", minisignKey, cosignSigner }, { PATH });
}

Deno.test("openVerifier() finds cosign on PATH when a signature by it is demanded", () =>
  withDirectory(async (directory) => {
    cosignStandIn(directory, "exit 0");
    const key = `${directory}/cosign.pub`;
    await Deno.writeTextFile(key, "a key");
    const release = { tag: "v1.0.0", publishedAt: 0, assets: [] };
    const asset = { name: "app", size: 1, ref: "", sha256: null };
    for (const signer of [SOMEBODY, { key }]) {
      const verifier = await open(signer, `/nonexistent:${directory}`);
      assertEquals(verifier.lackOf(release, asset), "cosign signature for app");
    }
    assertEquals((await open(null)).lackOf(release, asset), null);
  }));

Deno.test("openVerifier() refuses what could never come true, by the name of the option", () =>
  withDirectory(async (directory) => {
    cosignStandIn(directory, "exit 0");
    await Deno.writeTextFile(`${directory}/odd`, "no key");
    const key = `${directory}/odd`;
    const none = `${directory}/none`;
    const notFound = "the program cosign is not on PATH, install it";
    for (
      const [opened, message] of [
        [() => open(SOMEBODY, "/nonexistent"), `Cannot use --cosign-identity: ${notFound}`],
        // A directory relative to where liveroll happens to be is nothing to trust.
        [() => open({ key }, relative(directory)), `Cannot use --cosign-key: ${notFound}`],
        [() => open({ key: none }, directory), `Cannot use --cosign-key ${none}: `],
        [
          () => open({ key: "awskms:///key" }, directory),
          "Cannot use --cosign-key awskms:///key: ",
        ],
        [() => open(null, "", none), `Cannot use --minisign-key ${none}: `],
        [() => open(null, "", key), `Cannot use --minisign-key ${key}: `],
      ] as const
    ) await assertRejects(opened, Error, message);
    await Deno.chmod(`${directory}/cosign`, 0o644);
    await assertRejects(() => open({ key }, directory), Error, "is not on PATH");
  }));
