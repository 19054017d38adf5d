import { assertEquals } from "@std/assert";
import { assertRefused, errors, REQUIRED, resolved } from "./resolving.ts";

Deno.test("missing commands are named with what they are for", () => {
  assertEquals(errors([]), [
    "--pull is required: give the command that fetches the newest artifact",
    "--id is required: give the command that prints the version of what was pulled",
    "--exec is required: give the command that starts a child",
  ]);
});

Deno.test("B23 ports that are none, or equal, are refused", () => {
  assertRefused(["--port=0"], "--port: 0 is out of range, give 1 to 65535");
  assertRefused(["--port=65536"], "--port: 65536 is out of range, give 1 to 65535");
  assertRefused(["--port=-1"], "--port: -1 is out of range, give 1 to 65535");
  for (const text of ["", "80.5", "http", "0x50", "080", " 80", "1e3", "+80"]) {
    const message = `--port: ${JSON.stringify(text)} is not a whole number, give 1 to 65535`;
    assertRefused([`--port=${text}`], message);
  }
  assertRefused(
    ["--child-port1=9102"],
    "--child-port1: 9102 is also --child-port2 (its default), give another port",
  );
  assertRefused(
    ["--port=1", "--child-port2=1"],
    "--child-port2: 1 is also --port, give another port",
  );
  assertRefused(
    ["--port=9101"],
    "--port: 9101 is also --child-port1 (its default), give another port",
  );
  assertRefused(
    ["--child-port1=8080"],
    "--child-port1: 8080 is also --port (its default), give another port",
  );
});

Deno.test("the origin of a bad value is named", () => {
  assertEquals(errors(REQUIRED, { env: { LIVEROLL_PORT: "0" } }), [
    "--port (from LIVEROLL_PORT): 0 is out of range, give 1 to 65535",
  ]);
  assertEquals(errors([...REQUIRED, "--config=blog.yaml"], { file: "id: x\nport: 9101" }), [
    "blog.yaml:2: port: 9101 is also --child-port1 (its default), give another port",
  ]);
});

Deno.test("durations that are none, or make no sense, are refused", () => {
  const table: [text: string, complaint: string][] = [
    ["10", 'missing unit in "10", for example 10s'],
    ["", '"" is not a duration, give for example 10s or 1m30s'],
    ["1 m", '"1 m" is not a duration, give for example 10s or 1m30s'],
    ["1d", 'unknown unit "d" in "1d", use ns, us, ms, s, m or h'],
    ["-1s", '"-1s" has a sign, remove it'],
    ["+1s", '"+1s" has a sign, remove it'],
    ["0", '"0" is too short, give at least 1ms'],
    ["999us", '"999us" is too short, give at least 1ms'],
    ["501h", '"501h" is too long, give at most 500h'],
  ];
  for (const [text, complaint] of table) {
    assertRefused([`--interval=${text}`], `--interval: ${complaint}`);
  }
  for (const flag of ["pull-timeout", "id-timeout", "health-timeout", "health-interval"]) {
    assertRefused([`--${flag}=0s`], `--${flag}: "0s" is too short, give at least 1ms`);
  }
  assertRefused(
    ["--drain-timeout=1us"],
    '--drain-timeout: "1us" is too short, give 0 or at least 1ms',
  );
});

Deno.test("B25 a health path is normalised or refused", () => {
  const table: [text: string, path: string][] = [
    ["up", "/up"],
    ["/up?deep=1&x=%20", "/up?deep=1&x=%20"],
    ["?x", "/?x"],
    ["http://localhost:3000/up?a=b", "/up?a=b"],
    ["HTTPS://example.com", "/"],
    ["http://h?x=http://y/", "/?x=http://y/"],
    ["//double", "//double"],
    ["/a/../b", "/a/../b"],
  ];
  for (const [text, path] of table) {
    const { healthcheck } = resolved([...REQUIRED, "--healthcheck", text]).config;
    assertEquals(healthcheck, { kind: "http", path }, text);
  }
  const refused: [text: string, complaint: string][] = [
    ["", "the path is empty, give for example /"],
    ["/a#b", '"/a#b" has a fragment, remove # and what follows'],
    ["ftp://h/x", '"ftp://h/x" is not an HTTP address, give a path such as /health'],
    ...["/a b", "/a\r\nX: y", "/\t", "/ü"].map((text): [string, string] => [
      text,
      `${JSON.stringify(text)} has a character that a request line cannot carry, percent-encode it`,
    ]),
  ];
  for (const [text, complaint] of refused) {
    assertRefused(["--healthcheck", text], `--healthcheck: ${complaint}`);
  }
});

Deno.test("a health port that is none, or somebody else's, is refused", () => {
  const flag = "--health-port-offset";
  const table: [args: string[], complaint: string][] = [
    [["60000", "--child-port1=1"], "--child-port2 + 60000 is 69102, which is no port"],
    [
      ["-9101"],
      "--child-port1 + -9101 is 0, which is no port",
    ],
    [["1"], "--child-port1 + 1 is 9102, which is --child-port2, give another offset"],
    [["-1"], "--child-port2 + -1 is 9101, which is --child-port1, give another offset"],
    [["10", "--port=9111"], "--child-port1 + 10 is 9111, which is --port, give another offset"],
  ];
  for (const [args, complaint] of table) assertRefused([flag, ...args], `${flag}: ${complaint}`);
  assertEquals(resolved([...REQUIRED, flag, "10"]).config.healthPortOffset, 10);
});

Deno.test("templates that nobody fills in are refused", () => {
  const known = "known are <<PORT>>, <<HEALTHCHECK>>, <<ID>>";
  const others = ["--pull", "p", "--id", "i"];
  assertEquals(errors([...others, "--exec", "x <<FOO>> <<port>> <<FOO>> <<PORT>>"]), [
    `--exec: unknown template <<FOO>>: ${known}`,
    `--exec: unknown template <<port>> (did you mean "PORT"?): ${known}`,
  ]);
  assertRefused(
    ["--stop", "docker stop app-<<PROT>>"],
    `--stop: unknown template <<PROT>> (did you mean "PORT"?): ${known}`,
  );
  const exec = "cat <<EOF >>log; app -p <<PORT>> <<ID>>";
  assertEquals(resolved([...others, "--exec", exec]).config.exec, exec);
});

Deno.test("commands that do nothing are refused", () => {
  assertRefused(["--pull", ""], "--pull: the command is empty, give a shell command");
  assertRefused(["--stop", " \n"], "--stop: the command is empty, give a shell command");
  assertRefused(["--id=a\0"], "--id: the command contains a NUL byte, remove it");
});

Deno.test("addresses are checked", () => {
  for (const host of ["localhost", "::", "[::1]", "blog.example.", "10.0.0.1", "my_host"]) {
    resolved([...REQUIRED, "--host", host]);
  }
  assertEquals(resolved([...REQUIRED, "--host", "[::1]"]).config.host, "::1");
  for (const host of ["", "0.0.0.0:80", "10.1", "1.2.3.256", "a b", "-x", "a..b", "http://x"]) {
    assertRefused(
      ["--host", host],
      `--host: ${
        JSON.stringify(host)
      } is not an address, give an IP address or a host name without port`,
    );
  }
  assertRefused(
    ["--child-host", "localhost"],
    '--child-host: "localhost" is not an IP address, give for example 127.0.0.1 or ::1',
  );
  for (const host of ["0.0.0.0", "::"]) {
    assertRefused(
      ["--child-host", host],
      `--child-host: "${host}" is no address to connect to, give for example 127.0.0.1`,
    );
  }
});

Deno.test("a Host header of probes is checked", () => {
  for (const host of ["a.example", "a.example:8080", "[::1]", "[::1]:80", "10.0.0.1:80"]) {
    assertEquals(resolved([...REQUIRED, "--health-host", host]).config.healthHost, host);
  }
  for (const host of ["", "::1", "[10.0.0.1]", "[x]", "a:99999", "a:", "a/b", "a\r\nX: y", "u@h"]) {
    assertRefused(
      ["--health-host", host],
      `--health-host: ${JSON.stringify(host)} is not a host, give for example www.example.com`,
    );
  }
});

Deno.test("status codes and ranges are checked", () => {
  const table: [flag: string, text: string, complaint: string][] = [
    ["health-status", "", "the list is empty, give for example 200-299"],
    ["health-status", "200-", '"" is not a status code from 200 to 599'],
    ["health-status", "2xx", '"2xx" is not a status code from 200 to 599'],
    ["health-status", "100", '"100" is not a status code from 200 to 599'],
    ["health-status", "299-200", "the range 299-200 is backwards, give 200-299"],
    ["health-status", "200-204-299", '"200-204-299" is not a range, give for example 200-299'],
    ["health-status", "200,,204", '"200,,204" has an empty item, remove a comma'],
    ["retry-status", "200", '"200" is not a status code from 400 to 599'],
    ["retry-status", "502-504", '"502-504" is not a status code from 400 to 599'],
  ];
  for (const [flag, text, complaint] of table) {
    assertRefused([`--${flag}=${text}`], `--${flag}: ${complaint}`);
  }
});

Deno.test("trusted proxies are checked", () => {
  assertRefused(
    ["--trusted-proxies", "10.0.0.0/8,proxy"],
    '--trusted-proxies: "proxy" is not an IP block, give for example 10.0.0.0/8 or fd00::/8',
  );
});

Deno.test("words out of a list are checked", () => {
  assertRefused(
    ["--strategy", "blue-gren"],
    '--strategy: unknown value "blue-gren" (did you mean "blue-green"?): ' +
      "give one of blue-green, recreate",
  );
  assertRefused(
    ["--child-logs", ""],
    '--child-logs: unknown value "": give one of capture, inherit',
  );
  assertRefused(
    ["--retry-unsafe=yes"],
    '--retry-unsafe: "yes" is neither true nor false',
  );
});

Deno.test("counts are checked", () => {
  assertRefused(
    ["--health-successes=0"],
    "--health-successes: 0 is out of range, give 1 to 1000",
  );
  assertRefused(["--queue-limit=-1"], "--queue-limit: -1 is out of range, give 0 to 1000000");
});

Deno.test("a signal that ends nothing in order is refused", () => {
  for (const name of ["TERM", "sigterm", "INT", "QUIT", "HUP", "USR1", "USR2", "WINCH"]) {
    const signal = `SIG${name.toUpperCase().replace("SIG", "")}`;
    assertEquals(resolved([...REQUIRED, "--stop-signal", name]).config.stopSignal, signal);
  }
  assertRefused(
    ["--stop-signal=SIGKILL"],
    '--stop-signal: "SIGKILL" lets no child end in order, give TERM; KILL follows after ' +
      "--stop-timeout",
  );
  for (const name of ["", "15", "SIGFOO"]) {
    assertRefused(
      [`--stop-signal=${name}`],
      `--stop-signal: unknown signal "${name}": give one of TERM, INT, QUIT, HUP, USR1, USR2, WINCH`,
    );
  }
});

Deno.test("a very long value does not flood the message", () => {
  const [message = ""] = errors([...REQUIRED, `--port=${"9x".repeat(10_000)}`]);
  assertEquals(message.length < 300, true);
});
