/** The `Content-Type` for an extension with its dot, with a charset for text; undefined: unknown. */
export function contentType(extension: string): string | undefined;
