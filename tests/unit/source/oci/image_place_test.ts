import { assertEquals } from "@std/assert";
import { imagePlace } from "../../../../src/source/oci/image_place.ts";

const HUB = "https://registry-1.docker.io";

const PLACES: readonly [string, string, string, string, string][] = [
  ["docker.io", "nginx", HUB, "library/nginx", "docker.io"],
  ["index.docker.io", "team/app", HUB, "team/app", "docker.io"],
  ["registry-1.docker.io", "nginx", HUB, "library/nginx", "docker.io"],
  ["ghcr.io", "team/app", "https://ghcr.io", "team/app", "ghcr.io"],
  ["Registry.example:5000", "app", "https://Registry.example:5000", "app", "registry.example:5000"],
  ["localhost", "app", "http://localhost", "app", "localhost"],
  ["127.0.0.1:5000", "app", "http://127.0.0.1:5000", "app", "127.0.0.1:5000"],
  ["localhost.example", "app", "https://localhost.example", "app", "localhost.example"],
  ["127.0.0.1.example", "app", "https://127.0.0.1.example", "app", "127.0.0.1.example"],
];

for (const [host, name, url, repository, login] of PLACES) {
  Deno.test(`${host}/${name} is ${repository} at ${url}`, () => {
    assertEquals(imagePlace({ host, repository: name }), { url, repository, login });
  });
}
