import { fileResponse } from "./file_response.ts";

/** A directory that is on the web by its own standard (RFC 8615). */
const WELL_KNOWN = ".well-known";

/** Browsers may keep it, and ask each time whether it is still the same: a switch is seen at once. */
const CACHING = "no-cache";

/** What a path leads to. */
type Found =
  | { readonly kind: "file"; readonly path: string; readonly info: Deno.FileInfo }
  /** A directory that was asked for without the slash at its end. */
  | { readonly kind: "directory"; readonly name: string }
  | { readonly kind: "nothing" };

/**
 * Answers a request with a file below `root`: GET and HEAD; `index.html` for a directory, `404.html`
 * for what is not there. Names that begin with a dot are not there, but for `.well-known`.
 *
 * Everything is looked up below `root`, so that one answer is from one version; links are taken to
 * stay within, as those of an unpacked archive do. Never rejects.
 */
export async function answerFrom(root: string, request: Request): Promise<Response> {
  try {
    const response = await answer(root, request);
    response.headers.set("cache-control", CACHING);
    return response;
  } catch {
    return plain(500, "Internal Server Error");
  }
}

async function answer(root: string, request: Request): Promise<Response> {
  await request.body?.cancel();
  if (!["GET", "HEAD"].includes(request.method)) {
    return plain(405, "Method Not Allowed", { allow: "GET, HEAD" });
  }
  const { pathname, search } = new URL(request.url);
  const found = await find(root, pathname);
  switch (found.kind) {
    case "file":
      return await fileResponse(request, found.path, found.info);
    case "directory":
      // Relative: neither the scheme nor the host that the client knows can be told from here.
      return plain(301, "Moved", { location: `./${found.name}/${search}` });
    case "nothing":
      return await notFound(root, request);
  }
}

async function find(root: string, pathname: string): Promise<Found> {
  const names = decode(pathname);
  if (names === null) return { kind: "nothing" };
  const path = [root, ...names].join("/");
  const wantsDirectory = pathname.endsWith("/");
  const info = await look(path);
  if (info?.isFile && !wantsDirectory) return { kind: "file", path, info };
  if (!info?.isDirectory) return { kind: "nothing" };
  const index = `${path}/index.html`;
  const indexInfo = await look(index);
  if (!indexInfo?.isFile) return { kind: "nothing" };
  if (wantsDirectory) return { kind: "file", path: index, info: indexInfo };
  return { kind: "directory", name: pathname.slice(pathname.lastIndexOf("/") + 1) };
}

/** The names that a path is made of; null when one of them cannot be that of a file to be seen. */
function decode(pathname: string): string[] | null {
  try {
    const names = pathname.split("/").filter((name) => name !== "").map(decodeURIComponent);
    return names.every((name, at) => isVisible(name, at)) ? names : null;
  } catch {
    return null;
  }
}

function isVisible(name: string, at: number): boolean {
  if (name === WELL_KNOWN && at === 0) return true;
  return !name.startsWith(".") && !/[/\0]/.test(name);
}

/** Null when there is nothing that could be looked at, for whatever reason. */
async function look(path: string): Promise<Deno.FileInfo | null> {
  return await Deno.stat(path).catch(() => null);
}

async function notFound(root: string, { url, method }: Request): Promise<Response> {
  const path = `${root}/404.html`;
  const info = await look(path);
  if (!info?.isFile) return plain(404, "Not Found");
  const page = await fileResponse(new Request(url, { method }), path, info);
  for (const name of ["etag", "last-modified", "accept-ranges"]) page.headers.delete(name);
  return new Response(page.body, { status: 404, headers: page.headers });
}

function plain(status: number, text: string, headers: Record<string, string> = {}): Response {
  const type = { "content-type": "text/plain; charset=utf-8" };
  return new Response(`${text}\n`, { status, headers: { ...type, ...headers } });
}
