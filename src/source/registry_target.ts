import { parseRepository } from "../image/image_reference.ts";
import { type Kind, quote } from "../values/kinds.ts";
import { type GcsTarget, gcsTarget, type S3Target, s3Target } from "./bucket/bucket_places.ts";

/** What every registry can be asked for. */
export interface ReleaseWish {
  /** Pre-releases count, too. */
  readonly preRelease: boolean;
  /** Name of the file, or a template of it; null: the one that fits this machine. */
  readonly artifact: string | null;
  /** How versions are written; null: SemVer. */
  readonly calver: string | null;
  /** Range of versions that count; null: all. */
  readonly constraint: string | null;
}

/** Where releases are published. */
export type RegistryTarget =
  & { readonly text: string; readonly wish: ReleaseWish }
  & (
    | { readonly kind: "github"; readonly owner: string; readonly repo: string }
    | S3Target
    | GcsTarget
    | { readonly kind: "grpc"; readonly host: string; readonly isPlain: boolean }
    | { readonly kind: "oci"; readonly host: string; readonly repository: string }
    | { readonly kind: "directory"; readonly path: string }
    | { readonly kind: "index"; readonly url: string }
  );

const KNOWN =
  "ghr://OWNER/REPO, s3://REGION/BUCKET/PREFIX, gs://BUCKET/PREFIX, grpc://HOST:PORT, " +
  "img://HOST/REPO, file:///DIR, https://HOST/index.json";
const AUTHORITY = /^(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;
const TRUE_WORDS = ["1", "t", "T", "TRUE", "true", "True"];
const FALSE_WORDS = ["0", "f", "F", "FALSE", "false", "False"];

/** One place where releases are published. */
export const registryTarget: Kind<RegistryTarget> = { placeholder: "URL", parse: parseRegistry };

/** A URL as it is written: `scheme://path?query`. Its path is text, not percent-encoded. */
interface Written {
  readonly text: string;
  readonly path: readonly string[];
  readonly query: Query;
}

function parseRegistry(text: string): RegistryTarget {
  const [, scheme, rest = ""] = /^([a-z0-9+]+):\/\/(.*)$/s.exec(text) ?? [];
  if (scheme === undefined) throw new SyntaxError(`${quote(text)} has no scheme, give ${KNOWN}`);
  if (/\s/.test(text)) throw new SyntaxError(`${quote(text)} has white space in it`);
  const [path = "", query = ""] = rest.split(/\?(.*)/s);
  const written = { text, path: path.split("/"), query: new Query(text, query) };
  const target = parseAs(scheme, written);
  written.query.refuseOthers();
  return target;
}

function parseAs(scheme: string, written: Written): RegistryTarget {
  switch (scheme) {
    case "ghr":
      return parseGitHub(written);
    case "s3":
      return parseS3(written);
    case "gs":
      return parseGcs(written);
    case "grpc":
      return parseGrpc(written);
    case "img":
      return parseOci(written);
    case "file":
      return parseDirectory(written);
    case "https":
    case "http":
      return parseIndex(written);
  }
  throw new SyntaxError(`${quote(scheme)} is no kind of registry, give ${KNOWN}`);
}

function parseGitHub({ text, path, query }: Written): RegistryTarget {
  const [owner, repo, ...rest] = path;
  if (!owner || !repo || rest.some((part) => part !== "")) {
    throw new SyntaxError(`${quote(text)} is not ghr://OWNER/REPO`);
  }
  return { kind: "github", text, owner, repo, wish: query.wish() };
}

function parseS3({ text, path, query }: Written): RegistryTarget {
  return { ...s3Target(text, path, query.take("endpoint")), text, wish: query.wish() };
}

function parseGcs({ text, path, query }: Written): RegistryTarget {
  return { ...gcsTarget(text, path), text, wish: query.wish() };
}

function parseGrpc({ text, path, query }: Written): RegistryTarget {
  const [host = "", ...rest] = path;
  if (!AUTHORITY.test(host) || !/:\d+$/.test(host) || rest.join("") !== "") {
    throw new SyntaxError(`${quote(text)} is not grpc://HOST:PORT`);
  }
  return { kind: "grpc", text, host, isPlain: query.takeToggle("no-tls"), wish: query.wish() };
}

function parseOci({ text, path, query }: Written): RegistryTarget {
  const [first = "", ...rest] = path;
  if (rest.some((part) => /[:@]/.test(part))) {
    throw new SyntaxError(`${quote(text)} names one image: leave out its tag, tags are versions`);
  }
  if (!/[.:]/.test(first) && first !== "localhost") {
    throw new SyntaxError(`${quote(text)} names no host, give for example img://docker.io/REPO`);
  }
  const refuse = (why: string) => new SyntaxError(`${quote(text)} is not img://HOST/REPO: ${why}`);
  // Without a path, it would be taken for an image of that name.
  if (rest.length === 0) throw refuse("it names no image");
  const { host, repository } = parseRepository(path.join("/"), refuse);
  const wish = query.wish();
  if (wish.artifact !== null) throw new SyntaxError(`${quote(text)}: images have no artifact`);
  return { kind: "oci", text, host, repository, wish };
}

function parseDirectory({ text, path, query }: Written): RegistryTarget {
  const [host, ...rest] = path;
  if (host !== "" || rest.join("") === "") {
    throw new SyntaxError(`${quote(text)} is not file:///DIR: the path has to be absolute`);
  }
  return { kind: "directory", text, path: `/${rest.join("/")}`, wish: query.wish() };
}

function parseIndex({ text, query }: Written): RegistryTarget {
  if (!URL.canParse(text)) throw new SyntaxError(`${quote(text)} is no URL of an index`);
  const wish = query.wish();
  // What is not ours is a matter between the user and that server, for example a signature.
  const url = new URL(text);
  url.search = query.rest();
  return { kind: "index", text, url: url.href, wish };
}

/** The part after the question mark, taken apart piece by piece. */
class Query {
  readonly #text: string;
  readonly #values: URLSearchParams;

  constructor(text: string, query: string) {
    this.#text = text;
    this.#values = new URLSearchParams(query);
  }

  take(name: string): string | null {
    const value = this.#values.get(name);
    this.#values.delete(name);
    return value === "" ? null : value;
  }

  wish(): ReleaseWish {
    return {
      preRelease: this.takeToggle("pre-release"),
      artifact: this.take("artifact"),
      calver: this.take("calver"),
      constraint: this.take("constraint"),
    };
  }

  rest(): string {
    const rest = this.#values.toString();
    for (const name of [...this.#values.keys()]) this.#values.delete(name);
    return rest;
  }

  /** @throws {SyntaxError} When something was given that nobody has taken. */
  refuseOthers(): void {
    const [name] = this.#values.keys();
    if (name === undefined) return;
    throw new SyntaxError(`${quote(this.#text)}: the parameter ${quote(name)} is not known here`);
  }

  takeToggle(name: string): boolean {
    const value = this.take(name) ?? "false";
    if (TRUE_WORDS.includes(value)) return true;
    if (FALSE_WORDS.includes(value)) return false;
    throw new SyntaxError(`${name}=${quote(value)} is neither true nor false`);
  }
}
