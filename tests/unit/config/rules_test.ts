import { assertEquals } from "@std/assert";
import { ENGINES, PROXY_ENGINES } from "../../../src/config/config.ts";
import { ENGINES as STARTERS } from "../../../src/proxy/engines.ts";
import { DEFAULT_LIMITS } from "../../../src/proxy/limits.ts";
import { assertRefused, errors, REQUIRED, resolved } from "./resolving.ts";

const READERS_ONLY = [
  "--replay-buffer=1k",
  "--response-idle-timeout=1s",
  "--forwarded",
  "--via=edge",
  "--client-idle-timeout=1s",
  "--client-body-timeout=1s",
  "--client-send-timeout=1s",
  "--max-head-size=1k",
  "--max-headers=10",
  "--max-target=1k",
  "--max-body=1k",
];

function name(flag: string): string {
  return flag.replace(/=.*$/, "");
}

Deno.test("the engines that can be named are those that there are, and none", () => {
  assertEquals([...ENGINES], [...PROXY_ENGINES, "direct"]);
  assertEquals([...PROXY_ENGINES], Object.keys(STARTERS));
});

Deno.test("the limits by default are those of the proxy, whatever the engine", () => {
  for (const engine of ENGINES) {
    assertEquals(resolved([...REQUIRED, `--engine=${engine}`]).config.limits, DEFAULT_LIMITS);
  }
});

Deno.test("what an engine cannot do is refused, with the engine that can", () => {
  for (const flag of READERS_ONLY) {
    const fix = "give --engine relay, or remove it";
    resolved([...REQUIRED, "--engine=relay", flag]);
    for (const engine of ["fetch", "tcp"]) {
      const message = `${name(flag)}: not with --engine ${engine}, ${fix}`;
      assertRefused([`--engine=${engine}`, flag], message);
    }
  }
  const forHttp = [
    "--retry-unsafe",
    "--retry-status=502",
    "--response-head-timeout=1s",
    "--tunnel-grace=1s",
  ];
  for (const flag of forHttp) {
    for (const engine of ["relay", "fetch"]) resolved([...REQUIRED, `--engine=${engine}`, flag]);
    const fix = "give --engine relay or fetch, or remove it";
    assertRefused(["--engine=tcp", flag], `${name(flag)}: not with --engine tcp, ${fix}`);
  }
  const notForFetch = ["--connect-timeout=1s", "--tunnel-idle-timeout=1s", "--max-connections=9"];
  for (const flag of notForFetch) {
    for (const engine of ["relay", "tcp"]) resolved([...REQUIRED, `--engine=${engine}`, flag]);
    const fix = "give --engine relay or tcp, or remove it";
    assertRefused(["--engine=fetch", flag], `${name(flag)}: not with --engine fetch, ${fix}`);
  }
});

Deno.test("a switch that is off asks an engine for nothing", () => {
  resolved([...REQUIRED, "--engine=tcp", "--retry-unsafe=false", "--forwarded=false"]);
});

Deno.test("where an option comes from that an engine cannot do is told", () => {
  const env = { LIVEROLL_MAX_BODY: "1m", LIVEROLL_ENGINE: "fetch" };
  assertEquals(errors(REQUIRED, { env }), [
    "--max-body (from LIVEROLL_MAX_BODY): not with --engine fetch, give --engine relay, " +
    "or remove it",
  ]);
});

Deno.test("the PROXY protocol needs somebody who is trusted to speak it", () => {
  const trusted = "--trusted-proxies=10.0.0.0/8";
  for (const engine of ["--engine=relay", "--engine=tcp"]) {
    resolved([...REQUIRED, engine, "--proxy-protocol", trusted]);
    assertRefused(
      [engine, "--proxy-protocol"],
      "--proxy-protocol: nobody is trusted to send it, give --trusted-proxies",
    );
  }
  assertRefused(
    ["--engine=fetch", "--proxy-protocol", trusted],
    "--proxy-protocol: not with --engine fetch, give --engine relay or tcp, or remove it",
  );
  const head = "--client-head-timeout=1s";
  resolved([...REQUIRED, "--engine=tcp", "--proxy-protocol", trusted, head]);
  resolved([...REQUIRED, "--engine=tcp", "--tls-cert=a", "--tls-key=b", head]);
  assertRefused(
    ["--engine=tcp", "--tls-cert=a", "--tls-key=b", trusted],
    "--trusted-proxies: with --engine tcp only for --proxy-protocol, give that or remove it",
  );
  assertRefused(
    ["--engine=tcp", head],
    "--client-head-timeout: with --engine tcp only for --proxy-protocol or --tls-cert, give " +
      "that or remove it",
  );
  assertRefused(
    ["--engine=fetch", head],
    "--client-head-timeout: not with --engine fetch, give --engine relay or tcp, or remove it",
  );
});

Deno.test("a certificate and its key come together", () => {
  assertRefused(["--tls-cert=c"], "--tls-cert: there is no --tls-key, give both or none");
  assertRefused(["--tls-key=k"], "--tls-key: there is no --tls-cert, give both or none");
  assertRefused(
    ["--tls-cert=", "--tls-key=k"],
    "--tls-cert: the path is empty, give the path of a file",
  );
  const { config } = resolved([...REQUIRED, "--tls-cert=c", "--tls-key=k"]);
  assertEquals(config.tls, { cert: "c", key: "k" });
});

Deno.test("the form of an access log needs an access log", () => {
  assertRefused(
    ["--access-log-format=json"],
    "--access-log-format: there is no --access-log, give a file, or - for standard output",
  );
  const { config } = resolved([...REQUIRED, "--access-log=-"]);
  assertEquals(config.accessLog, { path: "-", format: "json" });
});

Deno.test("--healthcheck is a path, or another way to ask", () => {
  const table: [text: string, check: unknown][] = [
    ["tcp", { kind: "tcp" }],
    ["notify", { kind: "notify" }],
    ["exec:pg_isready -p <<PORT>>", { kind: "exec", command: "pg_isready -p <<PORT>>" }],
    ["/tcp", { kind: "http", path: "/tcp" }],
    ["/notify", { kind: "http", path: "/notify" }],
    ["TCP", { kind: "http", path: "/TCP" }],
    ["/exec:x", { kind: "http", path: "/exec:x" }],
  ];
  for (const [text, check] of table) {
    assertEquals(resolved([...REQUIRED, "--healthcheck", text]).config.healthcheck, check);
  }
});

Deno.test("a health command is checked as other commands are", () => {
  assertRefused(
    ["--healthcheck=exec: "],
    "--healthcheck: the command is empty, give a shell command",
  );
  const known = "known are <<PORT>>, <<ID>>";
  assertRefused(
    ["--healthcheck=exec:ask <<PROT>>"],
    `--healthcheck: unknown template <<PROT>> (did you mean "PORT"?): ${known}`,
  );
  assertRefused(
    ["--healthcheck=exec:ask <<HEALTHCHECK>>"],
    `--healthcheck: unknown template <<HEALTHCHECK>>: ${known}`,
  );
});

Deno.test("what only HTTP can ask is refused with another way to ask", () => {
  for (const check of ["tcp", "notify", "exec:true"]) {
    for (const flag of ["--health-status=200", "--health-host=a.example"]) {
      assertRefused(
        [`--healthcheck=${check}`, flag],
        `${name(flag)}: only for probes by HTTP, but --healthcheck is ${check}, remove one`,
      );
    }
  }
});

Deno.test("a port to probe is refused where no port is asked", () => {
  assertRefused(
    ["--healthcheck=notify", "--health-port-offset=10"],
    "--health-port-offset: no port is asked, as --healthcheck is notify, remove one",
  );
  for (const check of ["tcp", "exec:true"]) {
    resolved([...REQUIRED, `--healthcheck=${check}`, "--health-port-offset=10"]);
  }
});

Deno.test("sizes are read in powers of 1024", () => {
  const relay = [...REQUIRED, "--engine=relay"];
  const table: [text: string, bytes: number][] = [
    ["0", 0],
    ["1", 1],
    ["64k", 65_536],
    ["64K", 65_536],
    ["3m", 3 * 1024 ** 2],
    ["2g", 2 * 1024 ** 3],
  ];
  for (const [text, bytes] of table) {
    assertEquals(resolved([...relay, `--max-body=${text}`]).config.limits.maxBodyBytes, bytes);
  }
  for (const text of ["", "k", "1.5m", "-1", "1kb", "64 k", "0x10", "1t", "01k"]) {
    assertRefused(
      ["--engine=relay", `--max-body=${text}`],
      `--max-body: ${JSON.stringify(text)} is not a size, give for example 512, 64k or 1m`,
    );
  }
  assertRefused(
    ["--engine=relay", "--max-head-size=100"],
    "--max-head-size: 100 is out of range, give 1k to 1m",
  );
  assertRefused(
    ["--engine=relay", "--replay-buffer=17m"],
    "--replay-buffer: 17m is out of range, give 0 to 16m",
  );
});

Deno.test("a name for Via is a word as HTTP knows it", () => {
  for (const text of ["", "a b", "ä", "a,b", "a(b)", "a".repeat(101)]) {
    const shown = JSON.stringify(text);
    assertRefused(
      ["--engine=relay", `--via=${text}`],
      `--via: ${shown} is not a name, give letters, digits and dashes, for example edge-1`,
    );
  }
});
