import { assert, assertEquals, assertRejects } from "@std/assert";
import { type CosignSignature, verifyCosign } from "../../../src/artifact/cosign.ts";
import type { CosignSigner } from "../../../src/artifact/cosign_signer.ts";
import { ArtifactRefusedError } from "../../../src/artifact/refused.ts";
import {
  COSIGN_KEY,
  COSIGN_SIGNATURES,
  OTHER_COSIGN_KEY,
  SIGNED_TEXT,
} from "../../helpers/cosign_signatures.ts";
import { TempDirectory } from "./temp_directory.ts";

const { signal } = new AbortController();
const FORMS = Object.entries(COSIGN_SIGNATURES);
const SOMEBODY = { identity: "me@example.com", issuer: "https://issuer.example" };

/** All the network that cosign sees; it leads nowhere. */
class Nowhere implements AsyncDisposable {
  asked = 0;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #accepting = this.#accept();

  get env(): Record<string, string> {
    return { HTTPS_PROXY: `http://127.0.0.1:${this.#listener.addr.port}` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      this.asked++;
      connection.close();
    }
  }
}

/** An artifact, its signature and whoever must have signed it. */
interface Scene {
  readonly text?: string;
  readonly signature: { readonly isBundle: boolean; readonly text: string };
  readonly key?: string;
  readonly signer?: CosignSigner;
}

/**
 * What every cosign does when liveroll calls it.
 *
 * @param programIn Finds the program; it may write into a directory.
 */
export function testCosign(kind: string, programIn: (directory: string) => string): void {
  const test = (name: string, work: () => Promise<void>) => Deno.test(`${kind}: ${name}`, work);

  /** @returns How often the network was asked. */
  async function verify({ text = SIGNED_TEXT, signature, key = COSIGN_KEY, signer }: Scene) {
    using directory = new TempDirectory();
    await using nowhere = new Nowhere();
    const [path, file, keyFile] = ["app", "app.cosign", "cosign.pub"]
      .map((name) => `${directory.path}/${name}`) as [string, string, string];
    await Deno.writeTextFile(path, text);
    await Deno.writeTextFile(file, signature.text);
    await Deno.writeTextFile(keyFile, key);
    const copy: CosignSignature = { file, isBundle: signature.isBundle };
    const program = programIn(directory.path);
    const env = { PATH: Deno.env.get("PATH")!, ...nowhere.env };
    await verifyCosign(path, copy, { signer: signer ?? { key: keyFile }, program, env, signal });
    return nowhere.asked;
  }

  for (const [form, signature] of FORMS) {
    test(`${form} by a key is good without a log, and without the network`, async () => {
      assertEquals(await verify({ signature }), 0);
    });

    test(`${form} by another key is refused`, async () => {
      await assertRejects(
        () => verify({ signature, key: OTHER_COSIGN_KEY }),
        ArtifactRefusedError,
        "invalid signature when validating ASN.1 encoded signature",
      );
    });

    test(`${form} of other bytes is refused`, async () => {
      const forged = verify({ signature, text: "another release\n" });
      await assertRejects(() => forged, ArtifactRefusedError, "Cannot use app: cosign says: ");
    });
  }

  test("what is no signature is refused", async () => {
    for (const text of ["", "{}", "bm90aGluZw==", '{"mediaType":"application/json"}']) {
      for (const isBundle of [true, false]) {
        const signature = { isBundle, text };
        await assertRejects(() => verify({ signature }), ArtifactRefusedError, "cosign says: ");
      }
    }
  });

  test("a version is not blamed when the log of identities cannot be asked", async () => {
    const signature = COSIGN_SIGNATURES["a Sigstore bundle of cosign 2"];
    const error = await assertRejects(() => verify({ signature, signer: SOMEBODY }), Error);
    assert(!(error instanceof ArtifactRefusedError), error.message);
    assert(error.message.startsWith("Cannot check app: cosign could not ask: "), error.message);
  });
}
