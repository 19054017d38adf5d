/** A URL for messages: what may be secret is left out. */
export function withoutQuery(url: string): string {
  if (!URL.canParse(url)) return "an answer";
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
