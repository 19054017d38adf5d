import { assertEquals, assertRejects } from "@std/assert";
import { Fetcher } from "../../../src/artifact/fetcher.ts";
import { ArtifactError } from "../../../src/roll/effects.ts";
import { type Registry, RegistryError } from "../../../src/source/registry.ts";
import { FakeRegistry, releaseOf } from "../cache/fake_registry.ts";
import { TempDirectory } from "./temp_directory.ts";

const VERSION = { tag: "v1.0.0", numbers: [1n], pre: [], build: null };
const CHOSEN = { outcome: "chosen", version: VERSION, slot: null } as const;
const { signal } = new AbortController();

for (const failure of [null, new RegistryError("not_found", "Cannot find it")]) {
  const how = failure === null ? "it is there" : "it cannot be had";
  Deno.test(`an artifact is reserved from before it is fetched until ${how}`, async () => {
    using directory = new TempDirectory();
    const happened: string[] = [];
    const fake = new FakeRegistry();
    const registry: Registry = {
      releases: () => fake.releases(),
      report: () => fake.report(),
      fetch: (asset, options) => {
        happened.push("fetched");
        return failure === null ? fake.fetch(asset, options) : Promise.reject(failure);
      },
      reserve: () => {
        happened.push("reserved");
        return Promise.resolve({
          [Symbol.asyncDispose]: () => Promise.resolve(void happened.push("given back")),
        });
      },
    };
    const fetcher = new Fetcher({
      registry,
      directory: directory.path,
      verifier: { verify: () => Promise.resolve() },
      maxArtifactBytes: 100,
      onProgress: () => {},
    });
    const release = releaseOf("v1.0.0");
    const fetch = () => fetcher.fetch({ ...CHOSEN, release, asset: release.assets[0]! }, signal);
    if (failure === null) await fetch();
    else await assertRejects(fetch, ArtifactError, "Cannot find it");
    assertEquals(happened, ["reserved", "fetched", "given back"]);
  });
}
