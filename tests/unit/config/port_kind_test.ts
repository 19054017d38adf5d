import { assertEquals } from "@std/assert";
import { formatMapping, portMappings } from "../../../src/config/port_kind.ts";
import { assertRefused, errors, REQUIRED, resolved } from "./resolving.ts";

const TCP = "--engine=tcp";
const RECREATE = "--strategy=recreate";

function ports(args: string[]) {
  const { config } = resolved([...REQUIRED, ...args]);
  return [config.port, config.ports.map(formatMapping)];
}

Deno.test("--port takes several ports for the engine tcp, with the child's port plus a number", () => {
  assertEquals(ports([TCP, "--port=5432"]), [5432, ["5432"]]);
  assertEquals(ports([TCP, "--port=5432:+0"]), [5432, ["5432"]]);
  assertEquals(ports([TCP, "--port=5432,8080:+10"]), [5432, ["5432", "8080:+10"]]);
  assertEquals(ports([TCP, "--port", "5432, 8080"]), [5432, ["5432", "8080"]]);
  assertEquals(ports([TCP, RECREATE, "--port=5432:15432,80"]), [5432, ["5432:15432", "80"]]);
  // To every engine this is the child's port.
  assertEquals(ports(["--port=80:+0"]), [80, ["80"]]);
});

Deno.test("--port may be a list in a file", () => {
  const file = "engine: tcp\nport: [80, '443:+10']\n";
  const { config } = resolved([...REQUIRED, "--config=blog.yaml"], { file });
  assertEquals(config.ports.map(formatMapping), ["80", "443:+10"]);
});

Deno.test("what formatMapping() writes is read as the same mapping", () => {
  for (const text of ["80", "80:+1", "80:81"]) {
    const [mapping] = portMappings.parse(text);
    assertEquals(formatMapping(mapping), text);
  }
});

Deno.test("several ports, or another port of the child, need the engine tcp", () => {
  assertRefused(
    ["--engine=fetch", "--port=80,443"],
    "--port: several ports need --engine tcp or direct, with fetch give one",
  );
  assertRefused(
    ["--engine=relay", "--port=80,443"],
    "--port: several ports need --engine tcp or direct, with relay give one",
  );
  assertRefused(
    ["--engine=fetch", "--port=80:+1"],
    "--port: 80:+1 leads to another port of the child, which needs --engine tcp; " +
      "with fetch give 80",
  );
});

Deno.test("a fixed port of the child needs the strategy recreate", () => {
  assertRefused(
    [TCP, "--port=5432:15432"],
    "--port: 5432:15432 is a fixed port, but two children run side by side during a roll; " +
      "give 5432:+N for the child's port plus N, or --strategy recreate",
  );
});

Deno.test("what is no port is refused", () => {
  const table: [text: string, complaint: string][] = [
    ["80:", '"" is not a whole number, give 1 to 65535'],
    [":80", '"" is not a whole number, give 1 to 65535'],
    ["80:+", '"" is not a whole number, give 0 to 65535'],
    ["80:+x", '"x" is not a whole number, give 0 to 65535'],
    ["80:-1", "-1 is out of range, give 1 to 65535"],
    ["80:0", "0 is out of range, give 1 to 65535"],
    ["80:81:82", '"80:81:82" is not a port, give for example 8080 or 5432:+10'],
    ["80,,81", '"80,,81" has an empty item, remove a comma'],
    [",", '"," has an empty item, remove a comma'],
    ["80,0", "0 is out of range, give 1 to 65535"],
  ];
  for (const [text, complaint] of table) {
    assertRefused([TCP, `--port=${text}`], `--port: ${complaint}`);
  }
  assertRefused([TCP, "--port=80,80"], "--port: 80 is there twice, remove one");
});

Deno.test("ports of children must not meet each other, nor public ports", () => {
  const table: [args: string[], complaint: string][] = [
    [["--port=80:+1"], "--child-port1 + 1 is 9102, which is --child-port2, give another"],
    [["--port=80:+60000"], "--child-port1 + 60000 is 69101, which is no port"],
    [["--port=9111:+10"], "--child-port1 + 10 is 9111, which is --port, give another"],
    [
      ["--port=80:+10,81:+11"],
      "--child-port1 + 11 is 9112, which is --child-port2 + 10, give another",
    ],
    [
      [RECREATE, "--port=80:9101"],
      "the child's port in 80:9101 is 9101, which is --child-port1, give another",
    ],
    [
      [RECREATE, "--port=80:+10,81:9112"],
      "the child's port in 81:9112 is 9112, which is --child-port2 + 10, give another",
    ],
    [
      [RECREATE, "--port=5432:5432"],
      "the child's port in 5432:5432 is 5432, which is --port, give another",
    ],
  ];
  for (const [args, complaint] of table) {
    const [message] = errors([...REQUIRED, TCP, ...args]);
    assertEquals(message, `--port: ${complaint}`);
  }
  assertRefused(
    [TCP, "--port=80,9101"],
    "--port: 9101 is also --child-port1 (its default), give another port",
  );
});

Deno.test("a fixed port may be the public one where the addresses differ", () => {
  const apart = ["--host=127.0.0.2", "--child-host=127.0.0.1"];
  assertEquals(ports([TCP, RECREATE, "--port=5432:5432", ...apart]), [5432, ["5432:5432"]]);
});

Deno.test("a health port must not be a further port of the other child", () => {
  assertRefused(
    [TCP, "--port=80:+10", "--health-port-offset=11"],
    "--health-port-offset: --child-port1 + 11 is 9112, which is --child-port2 + 10, " +
      "give another offset",
  );
  assertEquals(ports([TCP, "--port=80:+10", "--health-port-offset=10"]), [80, ["80:+10"]]);
});
