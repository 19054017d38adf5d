import { isTag } from "../../image/image_reference.ts";
import { nextPage } from "../github/next_page.ts";
import { readText, withoutQuery } from "../http.ts";
import { RegistryError } from "../registry.ts";

/** More than anybody looks through. */
const MAX_PAGES = 100;

/** Of all pages together. */
const MAX_BYTES = 10 * 1024 * 1024;

/** As long a page as all registries hand out. */
const PER_PAGE = 1000;

/** Asks for a page. */
export type AskPage = (url: string) => Promise<Response>;

/**
 * All tags of a repository, in the order of the registry. What no image could be tagged with is left
 * out.
 *
 * @param base URL of the repository, without a slash at its end.
 * @throws {RegistryError} Also when there is too much: what is missing could be the newest.
 */
export async function readTags(base: string, askPage: AskPage): Promise<readonly string[]> {
  const tags = new Set<string>();
  const asked = new Set<string>();
  let left = MAX_BYTES;
  for (let url: string | null = `${base}/tags/list?n=${PER_PAGE}`; url !== null;) {
    check(url, base, asked);
    asked.add(url);
    const response = await askPage(url);
    const text = await readText(response, { maxBytes: left });
    left -= text.length;
    for (const tag of readPage(text, base)) if (isTag(tag)) tags.add(tag);
    url = nextPage(response.headers.get("link"), url);
  }
  return [...tags];
}

/** Who asks is named to nobody but the server that was asked for the first page. */
function check(url: string, base: string, asked: ReadonlySet<string>): void {
  if (new URL(url).origin !== new URL(base).origin) {
    throw invalid(base, "its next page is on another server");
  }
  if (asked.has(url)) throw invalid(base, "its pages run in circles");
  if (asked.size >= MAX_PAGES) throw invalid(base, `it has more than ${MAX_PAGES} pages of tags`);
}

function readPage(text: string, base: string): readonly string[] {
  let list: unknown;
  try {
    list = JSON.parse(text)?.tags ?? [];
  } catch {
    throw invalid(base, "its list of tags is no JSON");
  }
  if (Array.isArray(list) && list.every((tag) => typeof tag === "string")) return list;
  throw invalid(base, "there is no list of tags in it");
}

function invalid(base: string, why: string): RegistryError {
  return new RegistryError("invalid", `Cannot use ${withoutQuery(base)}: ${why}`);
}
