import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { readConfigFile } from "../../../src/config/file.ts";
import { errors, REQUIRED, resolved } from "./resolving.ts";

const ARGS = [...REQUIRED, "--config", "blog.yaml"];

function complaints(file: string): readonly string[] {
  return errors(ARGS, { file });
}

Deno.test("a config file may be written in any way YAML has", () => {
  const file = [
    "\ufeff# comment",
    "---",
    '"interval": 1m   # quoted key',
    "'queue-limit' : 5",
    "exec: |",
    "  cd app",
    "  port: 5",
    "stop: >-",
    "  a",
    "  b",
    "host: 0.0.0.0",
    "retry-status: [502, 503]",
    "trusted-proxies:",
    "  - 10.0.0.0/8",
    "  - ::1",
    "retry-unsafe: true",
    "healthcheck: &path /up",
    "health-host: 'x.example'",
    "port: 81",
  ].join("\r\n");
  const { config, origins } = resolved(["--pull=p", "--id=i", "--config=blog.yaml"], { file });
  assertEquals(config.intervalMs, 60_000);
  assertEquals(config.queueLimit, 5);
  assertEquals(config.exec, "cd app\nport: 5\n");
  assertEquals(config.stop, "a b");
  assertEquals(config.retryStatus, [502, 503]);
  assertEquals(config.trustedProxies.length, 2);
  assertEquals(config.retryUnsafe, true);
  assertEquals(config.healthcheck, { kind: "http", path: "/up" });
  const line = (origin: typeof origins.port) => origin.from === "file" ? origin.line : null;
  assertEquals(line(origins.interval), 3);
  assertEquals(line(origins["queue-limit"]), 4);
  assertEquals(line(origins["trusted-proxies"]), 13);
  assertEquals(line(origins.port), 19);
});

Deno.test("a config file in one line, or indented, works as well", () => {
  assertEquals(resolved(ARGS, { file: "{port: 81, interval: 5s}" }).config.port, 81);
  assertEquals(complaints("{port: 0}"), [
    "blog.yaml: port: 0 is out of range, give 1 to 65535",
  ]);
  assertEquals(complaints("  interval: 5s\n  port: 0"), [
    "blog.yaml:2: port: 0 is out of range, give 1 to 65535",
  ]);
});

Deno.test("values of a config file keep their spelling", () => {
  const file = "pull: 007\nid: 1.10\nexec: true\n";
  const { config } = resolved(["--config=blog.yaml"], { file });
  assertEquals([config.pull, config.id, config.exec], ["007", "1.10", "true"]);
});

Deno.test("whatever is wrong in a config file is named with its line", () => {
  const table: [file: string, messages: string[]][] = [
    ["", ['blog.yaml: the file is empty, write for example "interval: 10s"']],
    ["# nothing\n", ['blog.yaml: the file is empty, write for example "interval: 10s"']],
    ["interval", ['blog.yaml: the file is not a map, write lines such as "interval: 10s"']],
    ["- port: 80", ['blog.yaml: the file is not a map, write lines such as "interval: 10s"']],
    [
      "port: 80\n\n\n\n\n\nintervall: 5s",
      ['blog.yaml:7: unknown key "intervall" (did you mean "interval"?)'],
    ],
    ['"zzz": 1', ['blog.yaml:1: unknown key "zzz"']],
    ["__proto__: 1", ['blog.yaml:1: unknown key "__proto__"']],
    ["Interval: 1s", ['blog.yaml:1: unknown key "Interval" (did you mean "interval"?)']],
    ["config: x", ['blog.yaml:1: "config" cannot be set in a file, give --config']],
    ["help: true", ['blog.yaml:1: "help" cannot be set in a file, give --help']],
    ["interval: 10", ['blog.yaml:1: interval: missing unit in "10", for example 10s']],
    ["port: 1\nport: 2", ["blog.yaml:2: Cannot store mapping pair: duplicated key"]],
    ["port: {a: 1}", ["blog.yaml:1: port: the value is a map, give one value"]],
    ["port:\nid: x", ["blog.yaml:1: port: there is no value, give one or remove the line"]],
    ["stop: null", ["blog.yaml:1: stop: there is no value, give one or remove the line"]],
    ["queue-limit: [1, 2]", ["blog.yaml:1: queue-limit: the value is a list, give one value"]],
    ["retry-status: [[502]]", [
      "blog.yaml:1: retry-status: the list has an item that is neither text nor number",
    ]],
    ["retry-status: [502, null]", [
      "blog.yaml:1: retry-status: the list has an item that is neither text nor number",
    ]],
    ["pull: ''", ["blog.yaml:1: pull: the command is empty, give a shell command"]],
    [
      "id: x\nport: [1",
      [
        "blog.yaml:3: Cannot read flow collection: unexpected end of the stream within a flow " +
        "collection",
      ],
    ],
    ["id: x\nexec: a: b", [
      "blog.yaml:2: Cannot read block as explicit mapping pair is incomplete: a key node is " +
      "missed or followed by a non-tabulated empty line",
    ]],
    ["port: 1\n---\nport: 2", [
      "blog.yaml:2: Found more than 1 document in the stream: expected a single document",
    ]],
  ];
  for (const [file, messages] of table) {
    const args = file.includes("pull: ''") ? ["--id=i", "--exec=e", "--config=blog.yaml"] : ARGS;
    assertEquals(errors(args, { file }), messages, file);
  }
});

Deno.test("all that is wrong in a config file is named at once", () => {
  assertEquals(complaints("log-level: loud\nport: 0\nwhat: 1\n"), [
    'blog.yaml:3: unknown key "what"',
    "blog.yaml:2: port: 0 is out of range, give 1 to 65535",
    'blog.yaml:1: log-level: unknown value "loud": give one of debug, info, warn, error',
  ]);
});

Deno.test("a line that only looks like a key is not taken for it", () => {
  const file = 'stop: "a\nport: 5"\nexec: |\n  port: 6\nport: 0\n';
  assertEquals(errors(["--pull=p", "--id=i", "--config=blog.yaml"], { file }), [
    "blog.yaml:5: port: 0 is out of range, give 1 to 65535",
  ]);
});

Deno.test("an unreadable config file is the only complaint about what it may hold", () => {
  assertEquals(errors(["--config", "blog.yaml", "--port=0"]), [
    "Cannot read config file blog.yaml: No such file or directory (os error 2)",
    "--port: 0 is out of range, give 1 to 65535",
  ]);
  assertEquals(errors([...REQUIRED, "--config", ""]), [
    "--config: the path is empty, give the path of a file",
  ]);
  assertEquals(errors(REQUIRED, { env: { LIVEROLL_CONFIG: "else.yaml" } }), [
    "Cannot read config file else.yaml: No such file or directory (os error 2)",
  ]);
});

Deno.test("readConfigFile() never fails, whatever the file holds", () => {
  const line = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("port: 80", "port: [", "  - x", "? a", "a: &x 1", "b: *x", "---", "<<: {a: 1}"),
  );
  fc.assert(fc.property(fc.array(line), (lines) => {
    const { given, problems } = readConfigFile("x.yaml", () => lines.join("\n"));
    assertEquals(given.length + problems.length > 0, true);
  }));
});
