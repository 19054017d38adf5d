import { assertEquals } from "@std/assert";
import { check } from "../../../src/commands/check.ts";
import { resolveOptions } from "../../../src/config/resolve.ts";
import { fakeIo } from "./fake_io.ts";

function lines(args: string[], env: Record<string, string>, file: string): string[] {
  const resolution = resolveOptions({ args, env, readFile: () => file });
  if (resolution.kind !== "check") throw new Error(Deno.inspect(resolution));
  const io = fakeIo(env);
  assertEquals(check(resolution.resolved, io), 0);
  return io.printed;
}

Deno.test("check prints every effective value and where it comes from, aligned", () => {
  const args = ["--check", "--exec=a\nb", "--healthcheck=up", "--config=blog.yaml"];
  const printed = lines(args, { LIVEROLL_ID: "cat id" }, "pull: git pull\ndrain-timeout: 5s\n");
  assertEquals(printed.slice(0, 7), [
    "config ok",
    "",
    "  --pull                   blog.yaml:1  git pull",
    "  --id                     LIVEROLL_ID  cat id",
    '  --exec                   flag         "a\\nb"',
    "  --stop                   default      (none)",
    "  --interval               default      10s",
  ]);
  assertEquals(printed.includes("  --healthcheck            flag         /up"), true);
  assertEquals(printed.includes("  --drain-timeout          blog.yaml:2  5s"), true);
  assertEquals(printed.includes("  --health-timeout         default      60s"), true);
  assertEquals(printed.includes("  --trusted-proxies        default      (none)"), true);
});

Deno.test("check says how long requests wait where nothing serves during a roll", () => {
  const args = ["--check", "--pull=p", "--id=i", "--exec=e", "--queue-timeout=2m"];
  assertEquals(lines([...args, "--strategy=recreate"], {}, "").slice(-2), [
    "",
    "--strategy recreate: from the drain to the switch, which may take 1m40s (drain 30s, stop 10s, " +
    "gate 1m), each request waits, and gets 503 after 2m",
  ]);
  assertEquals(lines(args, {}, "").filter((line) => line.includes("waits")), []);
});

/** What is printed of one option. */
function shown(flag: string, args: string[], env: Record<string, string> = {}, file = ""): string {
  const start = `  --${flag} `;
  const line = lines(["--check", "--exec=e", ...args], env, file)
    .find((line) => line.startsWith(start));
  return line?.replace(/^ *\S+ +\S+ +/, "") ?? "";
}

Deno.test("check hides passwords and tokens, wherever they come from, and shows the rest", () => {
  const commands = ["--pull=p", "--id=i"];
  const releases = ["--registry=file:///srv"];
  const mail = "mail://smtp.example.com/me@example.com?username=me&password=";
  const hook = "webhook+https://hooks.example.com/";
  const table: [flag: string, args: string[], env: Record<string, string>, expected: string][] = [
    ["notify", [`--notify=${mail}p`, ...commands], {}, `${mail}[redacted]`],
    [
      "notify",
      [`--notify=${mail}a"b'c<d&quiet=true`, ...commands],
      {},
      `${mail}[redacted]&quiet=true`,
    ],
    ["notify", commands, { LIVEROLL_NOTIFY: `${mail}s3cret%26more` }, `${mail}[redacted]`],
    [
      "notify",
      [`--notify=${mail}one`, `--notify=slack://ops`, ...commands],
      {},
      JSON.stringify(`${mail}[redacted]\nslack://ops`),
    ],
    [
      "notify",
      [`--notify=${hook}services/T000/B000/abcdefgh`, ...commands],
      {},
      "webhook+https://hooks.example.com[redacted]",
    ],
    [
      "cache",
      ["--cache=redis://:pw@cache:6379/2", ...releases],
      {},
      "redis://:[redacted]@cache:6379/2",
    ],
    [
      "cache",
      ["--cache=rediss://me:a'b%40c@cache", ...releases],
      {},
      "rediss://me:[redacted]@cache",
    ],
    [
      "fleet",
      ["--fleet=rediss://me:a'b%40c@cache?lease=5s", ...commands],
      {},
      "rediss://me:[redacted]@cache?lease=5s",
    ],
    [
      "registry",
      ["--registry=https://me:hunter2@example.org/index.json"],
      {},
      "https://me:[redacted]@example.org/index.json",
    ],
    [
      "pull",
      ["--pull=curl -H 'Authorization: Bearer abc123def456' $URL", "--id=i"],
      {},
      "curl -H 'Authorization: Bearer [redacted]' $URL",
    ],
    ["pull", ["--pull=get correct-horse", "--id=i"], { TOKEN: "correct-horse" }, "get [redacted]"],
  ];
  for (const [flag, args, env, expected] of table) {
    assertEquals(shown(flag, args, env), expected, args.join(" "));
  }
  const file = `registry: file:///srv\ncache: redis://:pw@cache\n`;
  assertEquals(shown("cache", ["--config=a.yaml"], {}, file), "redis://:[redacted]@cache");
});
