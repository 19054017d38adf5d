import { assertEquals } from "@std/assert";
import { formatHealthCheck } from "../../../src/config/health_kind.ts";
import { assertRefused, errors, REQUIRED, resolved } from "./resolving.ts";

const DIRECT = "--engine=direct";

Deno.test("what only a proxy can do is refused with --engine direct", () => {
  const flags = [
    "--queue-timeout=1s",
    "--queue-limit=1",
    "--response-head-timeout=1s",
    "--trusted-proxies=10.0.0.0/8",
    "--retry-unsafe",
    "--retry-status=502",
    "--replay-buffer=1k",
    "--connect-timeout=1s",
    "--response-idle-timeout=1s",
    "--tunnel-idle-timeout=1s",
    "--forwarded",
    "--via=edge",
    "--client-head-timeout=1s",
    "--max-body=1k",
    "--max-connections=9",
    "--access-log=-",
    "--tunnel-grace=1s",
  ];
  for (const flag of flags) {
    const name = flag.replace(/=.*/, "");
    const complaint = "not with --engine direct, which has no proxy, remove it";
    assertRefused([DIRECT, flag], `${name}: ${complaint}`);
  }
  const tls = errors([...REQUIRED, DIRECT, "--tls-cert=a", "--tls-key=b"]);
  assertEquals(tls.map((error) => error.split(":")[0]), ["--tls-cert", "--tls-key"]);
});

Deno.test("the time to drain is that of the child, with --engine direct", () => {
  assertRefused(
    [DIRECT, "--drain-timeout=5s"],
    "--drain-timeout: not with --engine direct, where a child has --stop-timeout to finish, " +
      "give that",
  );
});

Deno.test("--engine direct takes IP addresses and several plain ports", () => {
  const { config } = resolved([...REQUIRED, DIRECT, "--host=::1", "--port=80,443"]);
  assertEquals(config.ports.map(({ listen }) => listen), [80, 443]);
  assertRefused(
    [DIRECT, "--host=localhost"],
    "--host: localhost is a name, with --engine direct give an IP address",
  );
  assertRefused(
    [DIRECT, "--port=80:+1"],
    "--port: 80:+1 leads to another port of the child, which needs --engine tcp; " +
      "with direct give 80",
  );
});

Deno.test("--socket-protocol is for --engine direct", () => {
  const { config } = resolved([...REQUIRED, DIRECT, "--socket-protocol=systemd"]);
  assertEquals(config.socketProtocol, "systemd");
  assertRefused(
    ["--socket-protocol=systemd"],
    "--socket-protocol: only with --engine direct, give that or remove it",
  );
});

Deno.test("containers and files have no use for --engine direct", () => {
  assertEquals(errors(["--image=alpine", DIRECT]), [
    "--engine: a container cannot be given a socket, so not with --engine direct, " +
    "give another engine",
  ]);
  const files = ["--registry=ghr://owner/site", "--serve=80", DIRECT];
  assertEquals(errors(files, { subject: "assets" }), [
    "--engine: direct is for children, and files have none, give another engine",
  ]);
});

Deno.test("--healthcheck timer:TIME is read, written, and within --health-timeout", () => {
  const { config } = resolved([...REQUIRED, "--healthcheck=timer:1s500ms"]);
  assertEquals(config.healthcheck, { kind: "timer", aliveMs: 1_500 });
  assertEquals(formatHealthCheck(config.healthcheck), "timer:1.5s");
  assertRefused(
    ["--healthcheck=timer:soon"],
    '--healthcheck: "soon" is not a duration, give for example 10s or 1m30s',
  );
  assertRefused(
    ["--healthcheck=timer:60s"],
    "--healthcheck: nobody lives for 1m within --health-timeout 1m, give less",
  );
  assertRefused(
    ["--healthcheck=timer:1s", "--health-port-offset=10"],
    "--health-port-offset: no port is asked, as --healthcheck is timer:1s, remove one",
  );
});
