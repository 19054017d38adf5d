import { Problem } from "./problem.ts";

/** One file of the status page. */
export interface PageFile {
  /** Its content type. */
  readonly type: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

/** The status page: its files by their paths; the page itself is `/`. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/** Only what comes from here may run or be shown, and nobody may frame it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Answers `file`. @throws {Problem} When something else than reading it is asked for. */
export function pageFile({ type, body }: PageFile, method: string): Response {
  if (method !== "GET" && method !== "HEAD") {
    const headers = { allow: "GET, HEAD" };
    throw new Problem("method_not_allowed", "This can only be read", { headers });
  }
  return new Response(body, {
    headers: {
      "content-type": type,
      "content-security-policy": POLICY,
      "referrer-policy": "no-referrer",
    },
  });
}
