/** A link of a document; what it leads to is as it is written. */
export interface Link {
  /** Relative path; empty: the document itself. */
  readonly path: string;
  /** Without `#`; empty: none. */
  readonly anchor: string;
}

/** Where the links of a document lead that do not leave the repository. */
export function linksIn(document: string): Link[] {
  const text = withoutCode(document);
  const targets = [
    ...text.matchAll(/\]\(([^)\s]+)\)/g),
    ...text.matchAll(/^\[[^\]]+\]: (\S+)$/gm),
  ].map(([, target = ""]) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target)).map((target) => {
    const [path = "", anchor = ""] = target.split("#");
    return { path, anchor };
  });
}

/** What the headings of a document can be reached by, as GitHub makes it of them. */
export function anchorsIn(document: string): string[] {
  const seen = new Map<string, number>();
  const headings = withoutBlocks(document).matchAll(/^#{1,6} +(.+?) *$/gm);
  return [...headings].map(([, heading = ""]) => {
    const anchor = slug(heading);
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
}

function slug(heading: string): string {
  return heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, "").replaceAll(" ", "-");
}

function withoutBlocks(document: string): string {
  return document.replaceAll(/^ *```.*?^ *```$/gms, "");
}

function withoutCode(document: string): string {
  // What stands in backticks may go on in the next line, but not behind an empty one.
  return withoutBlocks(document).replaceAll(/(`+)(?:(?!\n\n).)*?\1/gs, "");
}
