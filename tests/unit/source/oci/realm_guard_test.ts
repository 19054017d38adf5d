import { assertEquals, assertRejects } from "@std/assert";
import { guardRealm } from "../../../../src/source/oci/realm_guard.ts";
import { RegistryError } from "../../../../src/source/registry.ts";

const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  "public.example": ["203.0.113.5"],
  "other.example": ["198.51.100.7", "2001:db8::7"],
  "inside.example": ["10.1.2.3"],
  "also-inside.example": ["192.168.1.1"],
  "half-inside.example": ["198.51.100.7", "fd00::1"],
  "rebound.example": ["127.0.0.1"],
  "metadata.example": ["169.254.169.254"],
  "mapped.example": ["::ffff:127.0.0.1"],
  "localhost": ["127.0.0.1", "::1"],
};

function guard(realm: string, registry: string): Promise<URL> {
  return guardRealm(realm, registry, (host) => Promise.resolve(ADDRESSES[host] ?? [host]));
}

const GOOD: readonly [string, string][] = [
  ["https://public.example/token", "https://public.example"],
  ["https://public.example:8443/token", "https://public.example"],
  ["https://other.example/token?a=1", "https://public.example"],
  ["https://also-inside.example/token", "https://inside.example"],
  ["https://other.example/token", "https://inside.example"],
  ["http://localhost:5001/token", "http://127.0.0.1:5000"],
  ["https://other.example/token", "http://localhost:5000"],
];

for (const [realm, registry] of GOOD) {
  Deno.test(`${registry} may send us to ${realm}`, async () => {
    assertEquals((await guard(realm, registry)).href, realm);
  });
}

const BAD: readonly [string, string, string][] = [
  ["https://inside.example/token", "https://public.example", "in a private network"],
  ["https://half-inside.example/token", "https://public.example", "in a private network"],
  ["https://rebound.example/token", "https://public.example", "this machine"],
  ["https://mapped.example/token", "https://public.example", "this machine"],
  ["https://metadata.example/token", "https://inside.example", "for this machine alone"],
  ["http://metadata.example/token", "http://localhost:5000", "for this machine alone"],
  ["https://127.1/token", "https://public.example", "this machine"],
  ["https://2130706433/token", "https://public.example", "this machine"],
  ["https://[::1]/token", "https://inside.example", "this machine"],
  ["https://[::ffff:10.0.0.1]/token", "https://public.example", "in a private network"],
  ["http://public.example/token", "https://public.example", "others can listen in"],
  ["http://other.example/token", "https://public.example", "others can listen in"],
  ["http://other.example/token", "http://localhost:5000", "others can listen in"],
  ["https://me:secret@other.example/", "https://public.example", "no URL"],
  ["ftp://other.example/", "https://public.example", "no URL"],
  ["/token", "https://public.example", "no URL"],
];

for (const [realm, registry, words] of BAD) {
  Deno.test(`${registry} may not send us to ${realm}`, async () => {
    await assertRejects(() => guard(realm, registry), RegistryError, words);
  });
}
