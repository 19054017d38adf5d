import { assertEquals, assertRejects } from "@std/assert";
import { parseReference } from "../../../../src/image/image_reference.ts";
import {
  formatVersion,
  type ImageVersion,
  readVersion,
} from "../../../../src/image/image_version.ts";
import { KnownImages } from "../../../../src/runtime/container/known_images.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const NEVER = new AbortController().signal;

const VERSIONS: readonly [string, ImageVersion, string][] = [
  [`1.2.3@${DIGEST}`, { tag: "1.2.3", digest: DIGEST, isLocal: false }, `reg:5000/a/b@${DIGEST}`],
  [`@${DIGEST}`, { tag: "", digest: DIGEST, isLocal: false }, `reg:5000/a/b@${DIGEST}`],
  [`dev@local+${DIGEST}`, { tag: "dev", digest: DIGEST, isLocal: true }, DIGEST],
  ["1.2.3", { tag: "1.2.3", digest: "", isLocal: false }, "reg:5000/a/b:1.2.3"],
];

for (const [id, version, reference] of VERSIONS) {
  Deno.test(`version ${id.replace(/a{64}/, "…")} is run as ${reference.slice(0, 30)}`, () => {
    assertEquals(readVersion(id), version);
    assertEquals(formatVersion(version), id);
    const images = new KnownImages(
      { exposedPorts: () => Promise.resolve([]) },
      parseReference("reg:5000/a/b:9@sha256:" + "b".repeat(64)),
      1,
    );
    assertEquals(images.reference(id), reference);
  });
}

const PORTS: readonly [readonly string[] | null, number | string][] = [
  [["8080/tcp"], 8080],
  [["8080/tcp", "53/udp"], 8080],
  [["8080/tcp", "9090/tcp"], "exposes 8080/tcp and 9090/tcp: give --container-port"],
  [[], "exposes no TCP port: give --container-port"],
  [["53/udp"], "exposes no TCP port: give --container-port"],
  [null, "is not on this host"],
];

for (const [exposed, expected] of PORTS) {
  Deno.test(`an image that exposes ${exposed?.join(", ") ?? "is absent"}`, async () => {
    const shelf = { exposedPorts: () => Promise.resolve(exposed) };
    const images = new KnownImages(shelf, parseReference("app"), null);
    const look = () => images.lookAt(`1@${DIGEST}`, NEVER);
    if (typeof expected === "string") return void await assertRejects(look, Error, expected);
    await look();
    assertEquals(images.portOf(`1@${DIGEST}`), expected);
  });
}

Deno.test("a port that is given is not looked up", async () => {
  const shelf = { exposedPorts: () => Promise.reject(new Error("asked")) };
  const images = new KnownImages(shelf, parseReference("app"), 3000);
  await images.lookAt("1", NEVER);
  assertEquals(images.portOf("1"), 3000);
});
