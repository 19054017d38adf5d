let instances = 0;

/** A key and a token that no other instance of the tests has. */
export function identity(): { key: string; token: string } {
  return { key: `i${++instances}`, token: crypto.randomUUID() };
}
