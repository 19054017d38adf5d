/** What compose takes as the name of a service. */
const NAME = /^[A-Za-z0-9._-]+$/;

/** @throws {Error} When one cannot be a service; or when there is none, which would mean all. */
export function requireServices(names: readonly string[]): void {
  if (names.length === 0) throw new Error("Cannot run compose: no service is named");
  for (const name of names) {
    if (NAME.test(name) && !name.startsWith("-")) continue;
    throw new Error(
      `Cannot use ${JSON.stringify(name)} as the name of a service: letters, digits, ., _ and - ` +
        "are possible, not beginning with -",
    );
  }
}
