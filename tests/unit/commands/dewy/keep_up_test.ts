import { assertEquals, assertMatch } from "@std/assert";
import { main } from "../../../../src/commands/mod.ts";
import { fakeIo } from "../fake_io.ts";

Deno.test("server asks for a registry", async () => {
  const io = fakeIo();
  assertEquals(await main(["server", "-p", "80", "--", "./app"], io), 2);
  assertMatch(io.complained.join("\n"), /--registry is required/);
});

Deno.test("server takes the options of Dewy and tells what is done in another way", async () => {
  const io = fakeIo();
  const dewy = ["-i", "60", "--telemetry", "--slot", "blue", "--", "./app", "-v"];
  const args = ["server", "--check", "--registry", "ghr://o/r", ...dewy];
  assertEquals(await main(args, io), 0);
  assertMatch(io.complained.join("\n"), /note: --telemetry: metrics are at/);
  const printed = io.printed.join("\n");
  for (const told of [/--interval +flag +60s/, /--slot +flag +blue/, /--exec +flag +\.\/app -v/]) {
    assertMatch(printed, told);
  }
});

Deno.test("server asks whether the child listens, unless somebody says how it is well", async () => {
  const args = ["server", "--check", "--registry=ghr://o/r", "--", "./app"];
  const cases: [string[], Record<string, string>, RegExp][] = [
    [[], {}, /--healthcheck +default +tcp/],
    [["--health-path", "/up"], {}, /--healthcheck +flag +\/up/],
    [[], { LIVEROLL_HEALTHCHECK: "/up" }, /--healthcheck +LIVEROLL_HEALTHCHECK +\/up/],
  ];
  for (const [flags, env, expected] of cases) {
    const io = fakeIo(env);
    assertEquals(await main([...args.slice(0, 3), ...flags, ...args.slice(3)], io), 0);
    assertMatch(io.printed.join("\n"), expected);
  }
});

Deno.test("server refuses several ports with what they need", async () => {
  const io = fakeIo();
  assertEquals(
    await main(["server", "--registry=ghr://o/r", "-p", "8000-8002", "--", "./app"], io),
    2,
  );
  assertMatch(
    io.complained.join("\n"),
    /several ports need --engine tcp or direct, with relay give one/,
  );
  assertMatch(io.complained.join("\n"), /lead to PORT then, or to PORT \+ N with :\+N/);
});

Deno.test("migrate dewy says that liveroll always listens", async () => {
  const io = fakeIo();
  const old = ["dewy", "server", "--registry", "ghr://o/r", "--", "./app"];
  assertEquals(await main(["migrate", "dewy", "--", ...old], io), 0);
  assertMatch(io.complained.join("\n"), /^# without --port liveroll listens on 8080/);
});

Deno.test("server refuses what makes no sense", async () => {
  const io = fakeIo();
  assertEquals(await main(["server", "--registry=ghr://o/r", "-i", "0", "--", "./app"], io), 2);
  assertMatch(io.complained.join("\n"), /-i: 0 seconds would be no time/);
});

Deno.test("assets take the options of Dewy, show only what counts for files, and run nothing", async () => {
  const io = fakeIo();
  const dewy = ["-i", "60", "-p", "80", "--before-deploy-hook", "./ok", "--", "./app"];
  assertEquals(await main(["assets", "--check", "--registry", "ghr://o/r", ...dewy], io), 0);
  assertMatch(io.complained.join("\n"), /note: -p: nothing listens, as with Dewy; --serve PORT/);
  const printed = io.printed.join("\n");
  assertMatch(printed, /--interval +flag +60s/);
  assertMatch(printed, /--before-hook +flag +\.\/ok/);
  assertEquals(/--exec|--port/.test(printed), false);
});

Deno.test("assets ask for a registry, and refuse what only a program can have", async () => {
  const io = fakeIo();
  assertEquals(await main(["assets", "--serve", "80"], io), 2);
  assertEquals(await main(["assets", "--registry=ghr://o/r", "--exec=./app"], io), 2);
  assertMatch(io.complained.join("\n"), /--registry is required.*--exec: not for liveroll assets/s);
});

Deno.test("migrate dewy prints what becomes of assets", async () => {
  const io = fakeIo();
  const old = ["/opt/dewy", "assets", "--registry", "ghr://o/r", "-i", "60", "-p", "80"];
  assertEquals(await main(["migrate", "dewy", "--", ...old], io), 0);
  assertEquals(io.printed, ["liveroll assets --registry ghr://o/r --interval=60s"]);
  assertMatch(io.complained.join("\n"), /^# -p: nothing listens/);
});

Deno.test("migrate dewy prints the command line that does the same", async () => {
  const io = fakeIo();
  const old = ["dewy", "server", "--registry", "ghr://o/r", "-p", "8000", "--", "./app", "a b"];
  assertEquals(await main(["migrate", "dewy", "--", ...old], io), 0);
  assertEquals(io.printed, [
    "liveroll server --registry ghr://o/r --port=8000 '--exec=./app '\\''a b'\\'''",
  ]);
});

Deno.test("who wants the list of containers is told where it is, and nothing else", async () => {
  const old = ["container", "list", "--registry", "img://h.io/a", "-p", "80"];
  for (const args of [["migrate", "dewy", "--", "dewy", ...old], old, old.slice(0, 2)]) {
    const io = fakeIo();
    assertEquals(await main(args, io), 2);
    assertEquals(io.printed, []);
    const [line = "", ...more] = io.complained;
    assertMatch(line, /container list: liveroll status tells .*, liveroll ps of all applications/);
    assertEquals(more, []);
  }
});

for (
  const [args, complaint] of [
    [["migrate"], /give the old command line/],
    [["migrate", "dewy", "--", "image"], /"image" cannot be migrated/],
    [["migrate", "dewy", "--", "container", "-p", "80"], /# --image is required/],
    [
      ["migrate", "dewy", "--", "container", "--registry=img://h.io/a", "--runtime=lxc"],
      /"lxc" is neither docker nor podman/,
    ],
    [
      ["migrate", "dewy", "--", "container", "--registry=img://h.io/a", "-p", "80:1", "-p", "81:2"],
      /one port of the container gets the requests, not 1, 2/,
    ],
    [["migrate", "dewy", "--", "server", "--", "./app"], /# --registry is required/],
    [
      ["migrate", "dewy", "--", "server", "--registry=ghr://o/r", "-l", "trace", "--", "./app"],
      /trace/,
    ],
    [
      ["migrate", "dewy", "--", "server", "--registry=ghr://o/r", "-p", "80,81", "--", "./app"],
      /tcp/,
    ],
  ] as const
) {
  Deno.test(`what cannot be migrated is refused: ${args.join(" ")}`, async () => {
    const io = fakeIo();
    assertEquals(await main([...args], io), 2);
    assertEquals(io.printed, []);
    assertMatch(io.complained.join("\n"), complaint);
  });
}
