/** How a server wants to be told who asks. */
export type Challenge =
  | { readonly scheme: "basic" }
  | {
    readonly scheme: "bearer";
    /** Where tokens are handed out. */
    readonly realm: string;
    readonly service: string | null;
    readonly scope: string | null;
  };

const PARAMETER = /([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/gi;

/** Reads `WWW-Authenticate` (RFC 9110, 11.6.1); null: nothing in it is understood. */
export function readChallenge(header: string | null): Challenge | null {
  const bearer = /(?:^|,)\s*bearer\s+(.*)$/is.exec(header ?? "")?.[1];
  if (bearer === undefined) {
    return /(?:^|,)\s*basic\b/i.test(header ?? "") ? { scheme: "basic" } : null;
  }
  const values = new Map(
    [...bearer.matchAll(PARAMETER)].map(([, name = "", quoted, plain]) =>
      [name.toLowerCase(), quoted?.replace(/\\(.)/g, "$1") ?? plain ?? ""] as const
    ),
  );
  const realm = values.get("realm");
  if (!realm) return null;
  return {
    scheme: "bearer",
    realm,
    service: values.get("service") || null,
    scope: values.get("scope") || null,
  };
}
