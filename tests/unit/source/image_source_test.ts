import { assertEquals, assertRejects } from "@std/assert";
import { parseReference } from "../../../src/image/image_reference.ts";
import { type Source, SourceError } from "../../../src/roll/effects.ts";
import { ImageSource, type ImageSourceOptions } from "../../../src/source/image_source.ts";
import { RegistryError } from "../../../src/source/registry.ts";

const NEVER = new AbortController().signal;
const [A, B] = ["a", "b"].map((letter) => `sha256:${letter.repeat(64)}`) as [string, string];

function source(image: string, options: Partial<ImageSourceOptions> = {}): ImageSource {
  const digestOf = () => Promise.reject(new Error("the registry was asked"));
  return new ImageSource({ image: parseReference(image), tags: null, digestOf, ...options });
}

Deno.test("a tag that was moved is another version", async () => {
  const asked: string[] = [];
  const digests = [A, A, B];
  const digestOf = (tag: string) => {
    asked.push(tag);
    return Promise.resolve(digests.shift()!);
  };
  const images = source("reg.example/web:stable", { digestOf });
  const seen = [];
  for (let time = 0; time < 3; time++) seen.push(await images.latest(NEVER, null));
  assertEquals(seen, [`stable@${A}`, `stable@${A}`, `stable@${B}`]);
  assertEquals(new Set(asked), new Set(["stable"]));
});

Deno.test("without a tag it is latest", async () => {
  const images = source("reg.example/web", { digestOf: () => Promise.resolve(A) });
  assertEquals(await images.latest(NEVER, null), `latest@${A}`);
});

Deno.test("a digest that is given is the only version, and nobody is asked", async () => {
  assertEquals(await source(`reg.example/web@${A}`).latest(NEVER, null), `@${A}`);
  assertEquals(await source(`reg.example/web:1@${A}`).latest(NEVER, null), `1@${A}`);
});

Deno.test("the newest of many tags is told what runs, and is pinned", async () => {
  const told: (string | null)[] = [];
  const tags: Source = {
    latest: (_signal, running) => {
      told.push(running);
      return Promise.resolve("1.3.0");
    },
    idle: () => Promise.resolve(),
  };
  const images = source("reg.example/web", { tags, digestOf: () => Promise.resolve(B) });
  assertEquals(await images.latest(NEVER, `1.2.0@${A}`), `1.3.0@${B}`);
  await images.latest(NEVER, null);
  assertEquals(told, ["1.2.0", null]);
  await images.idle();
});

Deno.test("with --pull-policy never a tag is what it is on this host", async () => {
  const images = source("reg.example/web:dev", { localId: () => Promise.resolve(A) });
  assertEquals(await images.latest(NEVER, null), `dev@local+${A}`);
  const empty = source("reg.example/web:dev", { localId: () => Promise.resolve(null) });
  await assertRejects(
    () => empty.latest(NEVER, null),
    SourceError,
    "there is no image with the tag dev on this host",
  );
});

Deno.test("a registry that fails is a failed source; what is called off says so", async () => {
  const failure = await assertRejects(() => source("web").latest(NEVER, null), SourceError);
  assertEquals([failure.step, failure.message], ["registry", "the registry was asked"]);
  const abort = AbortSignal.abort(new DOMException("stopping", "AbortError"));
  await assertRejects(() => source("web").latest(abort, null), DOMException, "stopping");
});

Deno.test("a tag that people name is what it stands for now, with or without its v", async () => {
  const digests: Record<string, string> = { "v1.0": A, "2.0": B, edge: A };
  const digestOf = (tag: string) => {
    const missing = new RegistryError("not_found", `there is no ${tag}`);
    return digests[tag] ? Promise.resolve(digests[tag]) : Promise.reject(missing);
  };
  const images = source("reg.example/web", { digestOf });
  const found = (name: string) => images.find(name, NEVER);
  assertEquals(await found("v1.0"), `v1.0@${A}`);
  assertEquals(await found("1.0"), `v1.0@${A}`);
  assertEquals(await found("v2.0"), `2.0@${B}`);
  assertEquals(await found("edge"), `edge@${A}`);
  assertEquals(await found("vedge"), null);
  assertEquals(await found("v3.0"), null);
  assertEquals(await found(`gone@${B}`), `gone@${B}`);
});

Deno.test("with --pull-policy never a tag that people name has to be on this host", async () => {
  const localId = (tag: string) => Promise.resolve(tag === "dev" ? A : null);
  const images = source("web", { localId });
  assertEquals(await images.find("dev", NEVER), `dev@local+${A}`);
  assertEquals(await images.find("prod", NEVER), null);
});

Deno.test("a registry that cannot be asked which tag is meant is a failed source", async () => {
  await assertRejects(() => source("web").find("v1", NEVER), SourceError, "was asked");
});
