// Against the programs that somebody named: each signs and verifies images in a real registry.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { verifyCosignImage } from "../../../../src/artifact/cosign.ts";
import { ArtifactRefusedError } from "../../../../src/artifact/refused.ts";
import { ImageRegistry } from "../../../helpers/image_registry.ts";
import { named } from "../../../helpers/named.ts";
import { needs, program as installed } from "../../../helpers/skip.ts";
import { TempDirectory } from "../../artifact/temp_directory.ts";

const { signal } = new AbortController();

/** Where no log is. */
const WITHOUT_LOG = ["--yes", "--tlog-upload=false", "--use-signing-config=false"];

/** Two keys, a registry with an image, and a cosign. */
class Scene implements AsyncDisposable {
  readonly #directory = new TempDirectory();
  readonly #registry: ImageRegistry;
  readonly #program: string;

  private constructor(registry: ImageRegistry, program: string) {
    this.#registry = registry;
    this.#program = program;
  }

  static async open(program: string): Promise<Scene> {
    const scene = new Scene(await ImageRegistry.start({ hasPasswords: false }), program);
    for (const name of ["ours", "theirs"]) {
      await scene.run(["generate-key-pair", "--output-key-prefix", name]);
    }
    return scene;
  }

  /** @returns Its reference, by its digest. */
  async push(repository: string): Promise<string> {
    const digest = await this.#registry.push(repository, ["v1"]);
    return `${this.#registry.host}/${repository}@${digest}`;
  }

  async sign(reference: string, form: readonly string[]): Promise<void> {
    await this.run(["sign", "--key", "ours.key", ...WITHOUT_LOG, ...form, reference]);
  }

  /** Everything that cosign could ask besides the registry is out of reach. */
  async verify(reference: string, name = "ours"): Promise<void> {
    const env = { PATH: Deno.env.get("PATH")!, HTTPS_PROXY: "http://127.0.0.1:9" };
    const signer = { key: `${this.#directory.path}/${name}.pub` };
    await verifyCosignImage(reference, { program: this.#program, env, signer, signal });
  }

  async run(args: readonly string[]): Promise<Deno.CommandOutput> {
    const output = await new Deno.Command(this.#program, {
      args: [...args],
      cwd: this.#directory.path,
      env: { COSIGN_PASSWORD: "", HTTPS_PROXY: "http://127.0.0.1:9" },
    }).output();
    assert(output.success, new TextDecoder().decode(output.stderr));
    return output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#registry[Symbol.asyncDispose]();
    this.#directory[Symbol.dispose]();
  }
}

for (const program of named("COSIGN")?.split(":") ?? []) {
  for (const isBundle of [true, false]) {
    Deno.test({
      name: `${program}: images are signed by a key, ${isBundle ? "in a bundle" : "as of old"}`,
      ...needs(installed("docker-registry")),
      async fn() {
        await using scene = await Scene.open(program);
        const image = await scene.push("me/blog");
        const unsigned = await assertRejects(() => scene.verify(image), ArtifactRefusedError);
        assertEquals(unsigned.message, `Cannot use ${image}: cosign says: no signatures found`);
        await scene.sign(image, [`--new-bundle-format=${isBundle}`]);
        await scene.verify(image);
        const forged = await assertRejects(
          () => scene.verify(image, "theirs"),
          ArtifactRefusedError,
        );
        assert(forged.message.includes("no matching "), forged.message);
        const elsewhere = await scene.push("me/other");
        await assertRejects(() => scene.verify(elsewhere), ArtifactRefusedError);
        const nowhere = image.replace(/^[^/]+/, "127.0.0.1:9");
        const down = await assertRejects(() => scene.verify(nowhere), Error, "could not ask");
        assertEquals(down instanceof ArtifactRefusedError, false);
      },
    });
  }
}
