import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromDewy } from "../../../../src/commands/dewy/from_dewy.ts";

const IMG = ["--registry", "img://ghcr.io/o/app"];
const IMAGE = "--image=ghcr.io/o/app";

const CASES: readonly [string, string[], string[]][] = [
  ["the image is that of the registry", IMG, [...IMG, IMAGE]],
  ["an image that is given stays", [...IMG, "--image=ghcr.io/o/app"], [...IMG, IMAGE]],
  ["the registry may be attached", ["--registry=img://ghcr.io/o/app"], [
    "--registry=img://ghcr.io/o/app",
    IMAGE,
  ]],
  ["a port of the proxy, and one of the container", [...IMG, "-p", "80:3000"], [
    ...IMG,
    "--port=80",
    "--container-port=3000",
    IMAGE,
  ]],
  ["two ports of the proxy to the same of the container", [
    ...IMG,
    "--port=80:3000",
    "-p",
    "81:3000",
  ], [...IMG, "--port=80,81", "--container-port=3000", IMAGE]],
  ["Podman is an engine at another place", [...IMG, "--runtime", "podman"], [
    ...IMG,
    "--docker-host=unix:///run/podman/podman.sock",
    IMAGE,
  ]],
  ["Docker is the default", [...IMG, "--runtime=docker"], [...IMG, IMAGE]],
  ["replicas are ours", [...IMG, "--replicas", "3"], [...IMG, "--replicas", "3", IMAGE]],
  ["options of docker run", [...IMG, "--", "-e", "A=b c", "--memory", "1g"], [
    ...IMG,
    IMAGE,
    "--run-options=-e 'A=b c' --memory 1g",
  ]],
  ["a command, word by word", [...IMG, "--cmd", "serve", "--cmd=--fast", "--", "-e", "A=1"], [
    ...IMG,
    IMAGE,
    "--run-options=-e A=1 -- serve --fast",
  ]],
];

for (const [name, args, expected] of CASES) {
  Deno.test(`from dewy container: ${name}`, () => {
    const { args: translated, problems } = fromDewy("container", args, "/srv");
    assertEquals([translated, problems], [expected, []]);
  });
}

Deno.test("from dewy container: --runtime podman is the engine behind Podman's socket", () => {
  const { args, problems } = fromDewy("container", [...IMG, "--runtime=podman"], "/srv");
  assertEquals(args, [...IMG, "--docker-host=unix:///run/podman/podman.sock", IMAGE]);
  assertEquals(problems, []);
});

Deno.test("from dewy container: PROXY:CONTAINER is a public port and that of the container behind it", () => {
  const { args, problems } = fromDewy("container", [...IMG, "--port", "80:3000"], "/srv");
  assertEquals(args, [...IMG, "--port=80", "--container-port=3000", IMAGE]);
  assertEquals(problems, []);
});

Deno.test("from dewy container: the same public port twice is one, and leads to one port of the container", () => {
  const same = fromDewy("container", [...IMG, "-p", "80:3000", "-p", "80:3000"], "/srv");
  assertEquals(same.args, [...IMG, "--port=80", "--container-port=3000", IMAGE]);
  assertEquals(same.problems, []);
  const { problems } = fromDewy("container", [...IMG, "-p", "80:3000", "-p", "80:3001"], "/srv");
  assertEquals(problems, [
    "--port: one port of the container gets the requests, not 3000, 3001",
  ]);
});

Deno.test("from dewy container: what makes no sense is a problem", () => {
  const args = [...IMG, "-p", "80:3000", "-p", "81:3001", "--runtime", "lxc"];
  const { problems } = fromDewy("container", args, "/srv");
  assertEquals(problems, [
    '--runtime: "lxc" is neither docker nor podman',
    "--port: one port of the container gets the requests, not 3000, 3001",
  ]);
});

Deno.test("from dewy container: a registry that names no image is left to --registry to complain of", () => {
  const { args } = fromDewy("container", ["--registry", "img://"], "/srv");
  assertEquals(args, ["--registry", "img://"]);
});

Deno.test("from dewy container: a flag without its value is a problem", () => {
  for (const flag of ["--port", "--runtime", "--cmd"]) {
    const { problems } = fromDewy("container", [...IMG, flag], "/srv");
    assertStringIncludes(problems.join(), `${flag}: flag needs an argument`);
  }
});
