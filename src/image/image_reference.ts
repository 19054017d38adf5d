import { quote } from "../values/kinds.ts";

/** Host of what has no host. */
const DEFAULT_HOST = "docker.io";

/** What Docker Hub is called in old references. */
const OLD_DEFAULT_HOST = "index.docker.io";

/** Where Docker Hub keeps what has no owner. */
const LIBRARY = "library/";

/** Characters of host and repository together, as registries limit them. */
const MAX_NAME = 255;

const LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
const HOST = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9a-fA-F:.]+\\])(?::\\d{1,5})?$`);
const PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
const IMAGE_ID = /^sha256:[0-9a-f]{64}$/;
const EXAMPLE = "docker.io/owner/app:1.2";

/** Where images of one kind are kept. */
export interface ImageRepository {
  /** Of the registry, with its port if it has one; `docker.io` when none was given. */
  readonly host: string;
  /** Below the host, for example `library/nginx`. */
  readonly repository: string;
}

/** Where an image is, and which one. */
export interface ImageReference extends ImageRepository {
  /** What people call it; null: not given, which is `latest` when there is no digest either. */
  readonly tag: string | null;
  /** `sha256:…`, the one image that is meant; null: whatever the tag stands for now. */
  readonly digest: string | null;
}

/** What an image can be named by. */
export type ImageName =
  | { readonly kind: "reference"; readonly reference: ImageReference }
  /** `sha256:…` of an image that is on this host; no registry knows it. */
  | { readonly kind: "id"; readonly id: string };

/** Makes an error of what is wrong. */
export type Refuse = (why: string) => SyntaxError;

/**
 * Reads what names an image: a reference, or the id of one that is on this host.
 *
 * @throws {SyntaxError} When it is neither; the message names it and a fix.
 */
export function parseImageName(text: string): ImageName {
  if (IMAGE_ID.test(text)) return { kind: "id", id: text };
  if (/^sha256:/.test(text)) {
    throw invalid(text, "the id of an image is sha256: and 64 hexadecimal digits in small letters");
  }
  return { kind: "reference", reference: parseReference(text) };
}

/**
 * Reads a reference, `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`: what is before the first slash is a host
 * if it has a dot or a colon in it or is `localhost`; else the image is on `docker.io`, and there in
 * `library/` when it has no owner. A version alone is a path, too: who has a tag has to say so.
 *
 * @throws {SyntaxError} When it is none; the message names it and a fix.
 */
export function parseReference(text: string): ImageReference {
  const refuse: Refuse = (why) => invalid(text, why);
  if (/^(?:sha256:)?[0-9a-f]{64}$/.test(text)) {
    throw refuse("that is the id of an image on this host, give HOST/REPO@sha256:…");
  }
  const [named = "", digest = null, ...more] = text.split("@");
  if (more.length > 0) throw refuse("it has more than one @");
  const [name, tag] = splitTag(named);
  const place = parseRepository(name, refuse);
  if (tag !== null && !isTag(tag)) {
    const allowed = "1 to 128 letters, digits, dots, dashes and underscores";
    throw refuse(`the tag ${quote(tag)} has to be ${allowed}`);
  }
  if (digest !== null && !DIGEST.test(digest)) {
    const allowed = "sha256: and 64 hexadecimal digits in small letters";
    throw refuse(`the digest ${quote(digest)} has to be ${allowed}`);
  }
  return { ...place, tag, digest };
}

/**
 * Reads a reference without tag and digest, as {@linkcode parseReference}.
 *
 * @throws {SyntaxError} What `refuse` makes of the problem.
 */
export function parseRepository(
  name: string,
  refuse: Refuse = (why) => invalid(name, why),
): ImageRepository {
  const [first = "", ...rest] = name.split("/");
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const host = hasHost && first !== OLD_DEFAULT_HOST ? first : DEFAULT_HOST;
  const path = hasHost ? rest.join("/") : name;
  if (!HOST.test(host)) throw refuse(`${quote(host)} is no host`);
  checkPath(path, refuse);
  const isInLibrary = host === DEFAULT_HOST && !path.includes("/");
  const repository = isInLibrary ? LIBRARY + path : path;
  if (`${host}/${repository}`.length > MAX_NAME) {
    throw refuse(`it is longer than ${MAX_NAME} characters`);
  }
  return { host, repository };
}

/** Whether images can be tagged with `text`. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** The reference in full, with whatever it has of tag and digest. */
export function formatReference({ tag, digest, ...place }: ImageReference): string {
  const suffix = (tag === null ? "" : `:${tag}`) + (digest === null ? "" : `@${digest}`);
  return formatRepository(place) + suffix;
}

/** `HOST/REPO`, in full. */
export function formatRepository({ host, repository }: ImageRepository): string {
  return `${host}/${repository}`;
}

/** `HOST/REPO` as Docker lists it: without what it takes for granted. */
export function formatShortRepository({ host, repository }: ImageRepository): string {
  if (host !== DEFAULT_HOST) return formatRepository({ host, repository });
  return repository.startsWith(LIBRARY) ? repository.slice(LIBRARY.length) : repository;
}

/** The colon of a port has a slash behind it. */
function splitTag(named: string): [name: string, tag: string | null] {
  const colon = named.lastIndexOf(":");
  if (colon < 0 || named.includes("/", colon)) return [named, null];
  return [named.slice(0, colon), named.slice(colon + 1)];
}

function checkPath(path: string, refuse: Refuse): void {
  if (path === "") throw refuse(`it names no image, give for example ${EXAMPLE}`);
  const where = `the repository ${quote(path)}`;
  if (/[A-Z]/.test(path)) throw refuse(`${where} has capitals, give it in small letters`);
  if (path.split("/").every((part) => PART.test(part))) return;
  const between = "single dots, dashes or underscores between them";
  throw refuse(`${where} has to be words of small letters and digits, with ${between}`);
}

function invalid(text: string, why: string): SyntaxError {
  return new SyntaxError(`${quote(text)} is no image reference: ${why}`);
}
