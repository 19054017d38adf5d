import { assertEquals, assertThrows } from "@std/assert";
import { fleetTarget } from "../../../src/config/fleet_kind.ts";
import { assertRefused, REQUIRED, resolved } from "./resolving.ts";

Deno.test("a fleet uses a server or a directory that all hosts see", () => {
  const store = { kind: "file", path: "/mnt/fleet" };
  assertEquals<unknown>(fleetTarget.parse("file:///mnt/fleet"), { store, leaseMs: null });
  assertEquals<unknown>(fleetTarget.parse("file:///mnt/fleet?lease=2s"), { store, leaseMs: 2_000 });
  const redis = fleetTarget.parse("rediss://me:pw@cache:7000/2?prefix=shop:&lease=1h");
  assertEquals<unknown>(redis, {
    store: {
      ...{ kind: "redis", host: "cache", port: 7000, db: 2, isTls: true },
      ...{ username: "me", password: "pw", prefix: "shop:" },
    },
    leaseMs: 3600_000,
  });
});

Deno.test("a fleet uses any cache that hosts can share", () => {
  for (
    const text of ["consul://cache:8500/shop", "s3://eu-west-1/bucket/shop", "gs://bucket/shop"]
  ) {
    const { store, leaseMs } = fleetTarget.parse(`${text}?lease=30s`);
    assertEquals([text.startsWith(store.kind.slice(0, 1)), leaseMs], [true, 30_000], text);
  }
});

Deno.test("what other hosts cannot see is refused, and so is what makes no sense", () => {
  const complaints = {
    "off": "without a fleet, leave the option out",
    "memory:": "no other host sees the memory of this process, give file:///DIR",
    "file://": "no other host uses the state directory of this one, give file:///DIR",
    "redis://cache?lease=1s": 'lease="1s" is out of range, give 2s to 1h',
    "redis://cache?lease=-5s": 'lease="-5s" is out of range',
    "redis://cache?lease=61m": "out of range",
    "redis://cache?lease=soon": '"soon"',
    "redis://cache?registry-ttl=1m": '"registry-ttl" is not known',
    "redis://": "the address of Redis makes no sense",
    "": "the value is no place where hosts take turns, give file:///DIR",
    "etcd://cache": "the value is no place where hosts take turns",
  };
  for (const [text, complaint] of Object.entries(complaints)) {
    assertThrows(() => fleetTarget.parse(text), Error, complaint);
  }
});

Deno.test("no complaint has a password in it", () => {
  for (const query of ["?lease=1s", "?other=1", "/x"]) {
    const text = `redis://me:pw-secret@cache${query}`;
    const error = assertThrows(() => fleetTarget.parse(text), Error);
    assertEquals(error.message.includes("pw-secret"), false, error.message);
  }
});

Deno.test("a fleet needs neither a registry nor a name", () => {
  const { config } = resolved([...REQUIRED, "--fleet=redis://cache", "--max-unavailable=3"]);
  assertEquals([config.fleet?.store.kind, config.maxUnavailable], ["redis", 3]);
});

Deno.test("how many may roll means nothing without a fleet", () => {
  assertRefused(
    ["--max-unavailable=2"],
    "--max-unavailable: there is no --fleet, give the place where hosts take turns",
  );
});
