import { assertEquals } from "@std/assert";
import { isForAssets } from "../../../src/config/assets_rules.ts";
import { FLAGS, optionOf } from "../../../src/config/options.ts";
import { errors, resolved } from "./resolving.ts";

const ASSETS = ["--registry", "ghr://me/site"];
const assets = (args: readonly string[]) =>
  ({ args: [...ASSETS, ...args], subject: "assets" }) as const;

function refused(args: readonly string[]): readonly string[] {
  const { args: all, subject } = assets(args);
  return errors(all, { subject });
}

function configOf(args: readonly string[]) {
  const { args: all, subject } = assets(args);
  return resolved(all, { subject }).config;
}

Deno.test("assets need a registry and nothing else, and listen nowhere", () => {
  const { subject, ports, port, childPorts, minHealthyMs } = configOf([]);
  assertEquals([subject, ports, port, childPorts, minHealthyMs], ["assets", [], null, [], 0]);
  assertEquals(errors([], { subject: "assets" }), [
    "--registry is required: give where releases are published",
  ]);
});

Deno.test("assets that are served have one port, which may be that of a child elsewhere", () => {
  const { ports, port, childPorts } = configOf(["--serve", "9101"]);
  assertEquals([ports, port, childPorts], [[{ listen: 9101, backend: { offset: 0 } }], 9101, []]);
});

Deno.test("assets take every option that can do something for them", () => {
  const given = [
    ["--serve", "80"],
    ["--host", "::1"],
    ["--tls-cert", "c"],
    ["--tls-key", "k"],
    ["--drain-timeout", "1s"],
    ["--engine", "fetch"],
    ["--access-log", "-"],
    ["--queue-timeout", "1s"],
    ["--before-hook", "true"],
    ["--cooldown", "1h"],
    ["--keep-releases", "3"],
    ["--notify", "slack://ops"],
  ];
  assertEquals(configOf(given.flat()).engine, "fetch");
});

Deno.test("--serve is only for assets", () => {
  assertEquals(errors(["--pull", "p", "--id", "i", "--exec", "e", "--serve", "80"]), [
    "--serve: only for liveroll assets, here give --port",
  ]);
});

const REFUSED: readonly [args: string[], complaints: string[]][] = [
  [["--exec", "./app"], ["--exec: not for liveroll assets, which runs nothing, remove it"]],
  [["--port", "80"], ["--port: not for liveroll assets, which runs nothing, give --serve"]],
  [["--access-log", "-"], [
    "--access-log: only for files that are served, give --serve or remove it",
  ]],
  [["--serve", "80", "--healthcheck", "/"], [
    "--healthcheck: not for liveroll assets, which runs nothing, remove it",
  ]],
  [["--serve", "0"], ["--serve: 0 is out of range, give 1 to 65535"]],
  [["--serve", "8080", "--control-listen", "127.0.0.1:8080"], [
    "--control-listen: port 8080 is used twice, give another one",
  ]],
];

for (const [args, complaints] of REFUSED) {
  Deno.test(`assets refuse ${args.join(" ")}`, () => assertEquals(refused(args), complaints));
}

Deno.test("an image has no files to keep", () => {
  assertEquals(errors(["--registry", "img://ghcr.io/me/site"], { subject: "assets" }), [
    "--registry: an image has no files to keep, give another registry",
  ]);
});

Deno.test("the control socket may have the port that a program would have", () => {
  assertEquals(configOf(["--control-listen", "127.0.0.1:8080"]).controlListen?.port, 8080);
});

Deno.test("nothing about releases, hooks and control is lost for assets", () => {
  const groups = ["Releases", "Hooks", "Control", "Clients", "General"];
  const lost = FLAGS.filter((flag) => groups.includes(optionOf(flag).group) && !isForAssets(flag));
  assertEquals(lost, []);
});
