/**
 * What a person has named to be tested against besides its double, for example
 * `LIVEROLL_TEST_CONSUL=/usr/bin/consul`; null: nothing, and no such test exists.
 */
export function named(what: "CONSUL" | "COSIGN" | "S3"): string | null {
  return Deno.env.get(`LIVEROLL_TEST_${what}`) || null;
}
