/**
 * The next page that a `Link` header names (RFC 8288); null: there is none.
 *
 * @param base What relative targets are relative to.
 */
export function nextPage(link: string | null, base: string): string | null {
  for (const [, target = "", parameters = ""] of (link ?? "").matchAll(/<([^>]*)>([^,<]*)/g)) {
    if (/;\s*rel="?[^"]*\bnext\b/i.test(parameters) && URL.canParse(target, base)) {
      return new URL(target, base).href;
    }
  }
  return null;
}
