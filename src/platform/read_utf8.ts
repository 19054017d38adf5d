const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The text of a file, with its byte order mark if it has one. What is in another encoding does not
 * become something else in silence.
 *
 * @throws {Deno.errors.InvalidData} When it is not UTF-8.
 * @throws {Deno.errors.NotFound} When there is no file, among others.
 */
export function readUtf8(path: string): string {
  const bytes = Deno.readFileSync(path);
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw new Deno.errors.InvalidData("it is not UTF-8, convert it", { cause });
  }
}
