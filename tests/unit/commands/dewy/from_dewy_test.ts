import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromDewy } from "../../../../src/commands/dewy/from_dewy.ts";

const CASES: readonly [string, string[], string[]][] = [
  [
    "the command after two dashes is run by a shell, word by word",
    ["--registry", "ghr://o/r", "--", "./app", "-v", "it's"],
    ["--registry", "ghr://o/r", `--exec=./app -v 'it'\\''s'`],
  ],
  [
    "what leads through the link is the very version, beside the link",
    ["--", "./current/app", "/srv/app/current/conf", "x y"],
    [
      `--exec=cd "$LIVEROLL_RELEASE_DIR/../.." && exec "$LIVEROLL_RELEASE_DIR"/app ` +
      `"$LIVEROLL_RELEASE_DIR"/conf 'x y'`,
    ],
  ],
  ["seconds get their unit", ["-i", "60", "--interval=5"], ["--interval=60s", "--interval=5s"]],
  ["times of ours stay", ["--interval", "1m30s"], ["--interval=1m30s"]],
  ["a negative interval is the default", ["-i", "-5"], ["--interval=10s"]],
  [
    "hooks have shorter names",
    ["--before-deploy-hook", "make check", "--after-deploy-hook=true"],
    ["--before-hook=make check", "--after-hook=true"],
  ],
  ["short flags", ["-l", "info", "-f", "json", "-s", "blue"], [
    "--log-level=info",
    "--log-format=json",
    "--slot=blue",
  ]],
  ["the notifier", ["--notifier", "slack://ops?quiet=true"], ["--notify=slack://ops?quiet=true"]],
  ["a cache in a bucket", ["-c", "s3://eu-west-1/b/p?registry-ttl=30s", "--cache=gs://b/p"], [
    "--cache=s3://eu-west-1/b/p?registry-ttl=30s",
    "--cache=gs://b/p",
  ]],
  ["one port", ["-p", "8000"], ["--port=8000"]],
  ["ports and ranges, each once, in order", ["-p", "8002", "--port=8000-8001, 8002"], [
    "--port=8000,8001,8002",
  ]],
  ["ports as only ours are spelled", ["-p", "8002,8000:+10"], ["--port=8002,8000:+10"]],
  ["the link itself is the very version, too", ["--", "serve", "./current"], [
    `--exec=cd "$LIVEROLL_RELEASE_DIR/../.." && exec serve "$LIVEROLL_RELEASE_DIR"`,
  ]],
  ["with --release-root the link is there", [
    ...["--release-root", "/srv/r", "--", "/srv/r/current/app", "current/x", "current"],
  ], [
    ...["--release-root", "/srv/r"],
    `--exec=cd "$LIVEROLL_RELEASE_DIR/../.." && exec "$LIVEROLL_RELEASE_DIR"/app current/x current`,
  ]],
  ["a path that only looks alike stays", ["--", "./currently/app", "a/current/b"], [
    "--exec=./currently/app a/current/b",
  ]],
  ["a drain may take no time", ["--drain-time", "0"], ["--drain-timeout=0s"]],
  ["ours pass", ["--health-timeout", "5s", "--strategy=recreate"], [
    "--health-timeout=5s",
    "--strategy=recreate",
  ]],
  ["what is done elsewhere is left out", ["--telemetry", "--admin-port", "1", "-p", "1"], [
    "--port=1",
  ]],
];

for (const [name, args, expected] of CASES) {
  Deno.test(`from Dewy: ${name}`, () => {
    const { args: translated, problems } = fromDewy("server", args, "/srv/app");
    assertEquals(translated, expected);
    assertEquals(problems, []);
  });
}

Deno.test("from Dewy: what is done elsewhere is told", () => {
  const { notes } = fromDewy("server", ["--telemetry", "-p", "1,2"], "/");
  assertEquals(notes.length, 2);
  assertStringIncludes(notes.join("\n"), "/metrics");
});

Deno.test("from Dewy: of several ports it is said what they need and where they lead", () => {
  const { notes } = fromDewy("server", ["-p", "8000-8001"], "/");
  assertMatch(
    notes.join(),
    /several public ports need --engine direct, .* or --engine tcp, and lead to PORT/,
  );
  assertEquals(fromDewy("server", ["--engine=direct", "-p", "8000-8001"], "/").notes, []);
});

Deno.test("from Dewy: a range has 101 ports at most", () => {
  const { args } = fromDewy("server", ["-p", "8000-8100"], "/");
  assertEquals(args[0]?.split(",").length, 101);
  for (const range of ["8000-8101", "8001-8000", "65535-65536"]) {
    const { args, problems } = fromDewy("server", ["-p", range], "/");
    assertEquals(args, []);
    assertStringIncludes(problems.join(), `--port: "${range}" is no range of ports`);
  }
});

Deno.test("from Dewy: what makes no sense is a problem", () => {
  const { problems } = fromDewy("server", ["-i", "0", "-s"], "/");
  assertEquals(problems, [
    "-i: 0 seconds would be no time at all",
    "-s: flag needs an argument",
  ]);
});

Deno.test("from Dewy: assets listen nowhere and run nothing, which is told", () => {
  const old = ["--registry", "ghr://o/r", "-p", "80", "-i", "60", "--health-path=/up", "--", "./x"];
  const { args, notes, problems } = fromDewy("assets", old, "/srv");
  assertEquals(args, ["--registry", "ghr://o/r", "--interval=60s"]);
  assertEquals(problems, []);
  assertEquals(notes, [
    "-p: nothing listens, as with Dewy; --serve PORT serves the files",
    "--health-path: there is nothing to probe",
    "what follows -- is left out: nothing is run",
  ]);
});
