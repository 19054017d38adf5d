import { assertEquals, assertThrows } from "@std/assert";
import {
  commonVersion,
  OLDEST_VERSION,
  OUR_VERSION,
  readVersion,
} from "../../../../src/container/engine/api_version.ts";
import { EngineUnreachableError } from "../../../../src/container/engine/engine_error.ts";
import { Members } from "../../../../src/container/engine/members.ts";
import { VERSION } from "./fake_engine.ts";

/** The versions of the API that an engine speaks, and the one that is spoken with it. */
const TABLE: readonly [engine: string, oldest: string, newest: string, spoken: string][] = [
  ["Docker Engine 20.10", "1.12", "1.41", "1.41"],
  ["Podman 4", "1.24", "1.41", "1.41"],
  ["Docker Engine 24", "1.12", "1.43", "1.43"],
  ["Docker Engine 25", "1.24", "1.44", "1.44"],
  ["Docker Engine 28", "1.24", "1.50", "1.44"],
  ["Docker Engine 29", "1.44", "1.52", "1.44"],
  ["one that no longer speaks ours", "1.50", "1.60", "1.50"],
  ["one of the far future", "2.0", "2.1", "2.0"],
];

for (const [engine, minApiVersion, apiVersion, spoken] of TABLE) {
  Deno.test(`${engine} is spoken to in version ${spoken} of the API`, () => {
    assertEquals(commonVersion({ version: "x", apiVersion, minApiVersion }), spoken);
  });
}

Deno.test("an engine that is too old is told so, with what is needed", () => {
  const old = { version: "19.3", apiVersion: "1.40", minApiVersion: "1.12" };
  const error = assertThrows(() => commonVersion(old), EngineUnreachableError);
  assertEquals(error.outage, "too_old");
  assertEquals(
    error.message,
    "Cannot use container engine 19.3: it speaks version 1.40 of the API, liveroll needs " +
      `${OLDEST_VERSION}, which Docker Engine 20.10 and Podman 4 have`,
  );
  // As numbers, not as text.
  assertThrows(() => commonVersion({ ...old, apiVersion: "1.9" }), EngineUnreachableError);
  assertEquals(commonVersion({ ...old, apiVersion: "1.100" }), OUR_VERSION);
});

Deno.test("an engine says whether it is Docker or Podman", () => {
  assertEquals(readVersion(new Members(VERSION)), {
    product: "docker",
    version: "28.0.1",
    apiVersion: "1.48",
    minApiVersion: "1.24",
    os: "linux",
    architecture: "amd64",
  });
  const Components = [{ Name: "Podman Engine" }, { Name: "Conmon" }];
  assertEquals(readVersion(new Members({ ...VERSION, Components })).product, "podman");
});
