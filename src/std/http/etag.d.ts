/** Whether nothing in an `If-None-Match` header (RFC 9110, 13.1.2) matches `etag`; no header: true. */
export function ifNoneMatch(value: string | null, etag: string | undefined): boolean;
