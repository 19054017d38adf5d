import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  openFront,
  PortTakenError,
  publicAddresses,
} from "../../../../src/commands/run/open_front.ts";
import type { Config } from "../../../../src/config/config.ts";
import { isFree, PortClaim } from "../../../helpers/ports.ts";
import { REQUIRED, resolved } from "../../config/resolving.ts";

const AROUND = { files: { certificate: null, accessLog: null }, sockets: null };

function configOf(port: number, flags: readonly string[] = []): Config {
  return resolved([...REQUIRED, "--host=127.0.0.1", `--port=${port}`, ...flags]).config;
}

Deno.test("the front listens where it should, until it is shut down", async () => {
  for (const engine of ["relay", "fetch"]) {
    using claim = new PortClaim(1);
    const [port = 0] = claim.ports;
    const front = openFront(configOf(port, [`--engine=${engine}`]), AROUND);
    assertEquals(isFree(port), false);
    await front.shutdown({ drainTimeoutMs: 0 });
    assertEquals(isFree(port), true);
  }
});

Deno.test("a taken address is named", () => {
  using claim = new PortClaim(1);
  const [port = 0] = claim.ports;
  using _ = Deno.listen({ hostname: "127.0.0.1", port });
  const { message } = assertThrows(() => openFront(configOf(port), AROUND), PortTakenError);
  assertStringIncludes(message, `Cannot listen on 127.0.0.1:${port}: `);
});

Deno.test("nobody listens where children accept themselves, or there is nothing to listen on", async () => {
  using claim = new PortClaim(1);
  const [port = 0] = claim.ports;
  const config = configOf(port);
  for (const other of [{ engine: "direct" }, { ports: [] }] as const) {
    const front = openFront({ ...config, ...other }, AROUND);
    assertEquals(isFree(port), true);
    await front.shutdown({ drainTimeoutMs: 0 });
  }
});

Deno.test("in maintenance we answer for programs, and never for files", async () => {
  for (const [subject, status] of [["program", 200], ["assets", 503]] as const) {
    using claim = new PortClaim(1);
    const [port = 0] = claim.ports;
    const config = { ...configOf(port, ["--healthcheck=/up"]), subject };
    const front = openFront(config, AROUND);
    front.maintenance("back soon");
    const response = await fetch(`http://127.0.0.1:${port}/up`);
    await response.text();
    assertEquals(response.status, status);
    await front.shutdown({ drainTimeoutMs: 0 });
  }
});

Deno.test("all addresses are told", () => {
  const ports = [8080, 8081].map((listen) => ({ listen, backend: { offset: 0 } }));
  const addresses = publicAddresses({ host: "::1", ports });
  assertEquals(addresses, "::1:8080 and ::1:8081");
});
