import { assert } from "@std/assert";
import { freePorts } from "../../../scripts/lib/free_ports.ts";
import { PortClaim } from "../../helpers/ports.ts";

Deno.test("ports that a test has claimed are not free, though nobody listens there", () => {
  using claim = new PortClaim(1);
  const [port] = claim.ports as [number];
  const taken = [port, port + 1];
  const random = Math.random;
  const draws = [...taken];
  Math.random = () => {
    const next = draws.shift();
    return next === undefined ? random() : (next + 0.5 - 12_000) / 20_000;
  };
  try {
    const [free] = freePorts(1) as [number];
    assert(draws.length === 0 && !taken.includes(free), `${free} is one of ${taken}`);
  } finally {
    Math.random = random;
  }
});
