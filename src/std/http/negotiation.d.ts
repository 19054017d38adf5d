/** The best of `types` for the request's `Accept` header (RFC 9110 section 12.5.1). */
export function accepts(
  request: { headers: { get(key: string): string | null } },
  ...types: string[]
): string | undefined;
