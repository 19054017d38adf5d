import { assertEquals, assertRejects } from "@std/assert";
import { EnvPin } from "../../../../src/compose/dotenv/pin.ts";
import { readModel } from "../../../../src/compose/read_model.ts";
import { ImagePin, type ImagePinOptions } from "../../../../src/runtime/compose/image_pin.ts";
import { KnownImages } from "../../../../src/runtime/container/known_images.ts";
import { TempDirectory } from "../../artifact/temp_directory.ts";

const [ONE, TWO] = ["1", "2"].map((digit) => `sha256:${digit.repeat(64)}`);
const IMAGE = { host: "ghcr.io", repository: "me/blog", tag: "1", digest: null };
const STACK = { project: "blog", directory: "/", files: [], envFile: null, profiles: [] };
const signal = new AbortController().signal;

/** An environment file, and a compose that reads it for one service. */
class World extends TempDirectory {
  readonly file = `${this.path}/.env`;
  readonly tagged: string[] = [];
  readonly pin: ImagePin;

  /** @param image With `$V` where the variable goes. */
  constructor(before: string, image: string) {
    super();
    Deno.writeTextFileSync(this.file, `V=${before}\n`);
    const recordPath = `${this.path}/env.json`;
    const pin = new EnvPin({ path: this.file, key: "V", recordPath, warn: () => {} });
    this.pin = new ImagePin({
      pin,
      key: "V",
      services: ["web"],
      image: IMAGE,
      images: new KnownImages({ exposedPorts: () => Promise.resolve([]) }, IMAGE, 1),
      engine: { images: { tag: this.#tag } } as unknown as ImagePinOptions["engine"],
      compose: {
        config: async () => {
          const web = { image: image.replace("$V", await pin.value() ?? "") };
          return readModel({ services: { web } }, "blog");
        },
      },
    });
  }

  get value(): string {
    return Deno.readTextFileSync(this.file).trim().slice(2);
  }

  readonly #tag = (name: string, { tag }: { tag: string }) => {
    this.tagged.push(`${tag} ${name}`);
    return Promise.resolve();
  };
}

Deno.test("a tag takes the place of a tag, and leads to what was verified", async () => {
  using world = new World("1", "ghcr.io/me/blog:$V");
  await world.pin.apply(`2@${TWO}`, STACK, signal);
  assertEquals([world.value, world.tagged], ["2", [`2 ghcr.io/me/blog@${TWO}`]]);
  await world.pin.takeBack(`2@${TWO}`);
  assertEquals(world.value, "1");
});

for (const before of ["1", "latest"]) {
  Deno.test(`the way back to ${before} names what ran: neither latest nor the digits of a digest`, async () => {
    using world = new World(before, "ghcr.io/me/blog:$V");
    await world.pin.apply(`2@${TWO}`, STACK, signal);
    await world.pin.takeBack(`2@${TWO}`);
    await world.pin.apply(`${before}@${ONE}`, STACK, signal);
    assertEquals(world.value, before);
    assertEquals(world.tagged.at(-1), `${before} ghcr.io/me/blog@${ONE}`, "and it is that again");
  });
}

Deno.test("a digest takes the place of a digest", async () => {
  using world = new World(ONE!, "ghcr.io/me/blog@$V");
  await world.pin.apply(`2@${TWO}`, STACK, signal);
  assertEquals(world.value, TWO);
});

for (const image of ["ghcr.io/me/blog:1", `ghcr.io/me/blog@${ONE}`]) {
  Deno.test(`a variable that says nothing of ${image} is left as it was`, async () => {
    using world = new World("1", image);
    await assertRejects(
      () => world.pin.apply(`2@${TWO}`, STACK, signal),
      Error,
      `the service web runs ${image}, whatever V says; use it in its image:, as in NAME:\${V}`,
    );
    assertEquals([world.value, world.names()], ["1", [".env"]]);
  });
}

Deno.test("a copy of what serves that does not come up changes nothing: the file names what runs", async () => {
  using world = new World("1", "ghcr.io/me/blog:$V");
  await world.pin.apply(`2@${TWO}`, STACK, signal);
  await world.pin.serves(`2@${TWO}`);
  await world.pin.apply(`2@${TWO}`, STACK, signal);
  await world.pin.takeBack(`2@${TWO}`);
  assertEquals(world.value, "2");
});

Deno.test("what is refused gives way to what serves, by the bytes that were there", async () => {
  using world = new World("1", "ghcr.io/me/blog:$V");
  await Deno.writeTextFile(world.file, "# by hand\nV='1'\n");
  await world.pin.serves(`1@${ONE}`);
  await world.pin.apply(`2@${TWO}`, STACK, signal);
  assertEquals(await Deno.readTextFile(world.file), "# by hand\nV=2\n");
  await world.pin.takeBack(`2@${TWO}`);
  assertEquals(await Deno.readTextFile(world.file), "# by hand\nV='1'\n");
});
