import { lookup } from "node:dns/promises";
import { cidrContains, parseCidr } from "../../platform/cidr.ts";
import { RegistryError } from "../registry.ts";
import { withoutQuery } from "../without_query.ts";

/** This machine. */
const OWN = ["127.0.0.0/8", "::1/128", "0.0.0.0/8", "::/128"].map(parseCidr);

/** What is asked there is about the machine itself, and nobody's business. */
const LINK = ["169.254.0.0/16", "fe80::/10"].map(parseCidr);

/** Cannot be reached from the internet. */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"]
  .map(parseCidr);

/** The addresses of a host. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/**
 * Where tokens are handed out, if a registry may send us there: not from the internet into a
 * private network, from nowhere else to this machine, never to what tells machines who they are,
 * and not to where others can listen in.
 *
 * @param registry URL of the registry.
 * @throws {RegistryError} When it may not.
 */
export async function guardRealm(
  realm: string,
  registry: string,
  resolve: Resolve = addresses,
): Promise<URL> {
  const url = URL.canParse(realm) ? new URL(realm) : null;
  const from = new URL(registry);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "") {
    throw refusal(registry, "a place that is no URL");
  }
  if (url.hostname === from.hostname && url.protocol === from.protocol) return url;
  const where = withoutQuery(url.href);
  const [target, source] = [await resolve(bare(url)), await resolve(bare(from))];
  if (target.some((ip) => isIn(LINK, ip))) {
    throw refusal(registry, `${where}, which is for this machine alone`);
  }
  const isOpen = url.protocol === "http:";
  if (isOpen && (from.protocol === "https:" || !target.every((ip) => isIn(OWN, ip)))) {
    throw refusal(registry, `${where}, where others can listen in`);
  }
  const isHere = source.some((ip) => isIn(OWN, ip));
  if (!isHere && target.some((ip) => isIn(OWN, ip))) {
    throw refusal(registry, `${where}, which is this machine`);
  }
  const isInside = isHere || source.some((ip) => isIn(PRIVATE, ip));
  if (!isInside && target.some((ip) => isIn(PRIVATE, ip))) {
    throw refusal(registry, `${where}, which is in a private network`);
  }
  return url;
}

function isIn(blocks: typeof OWN, ip: string): boolean {
  return blocks.some((block) => cidrContains(block, ip));
}

function bare({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

async function addresses(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    throw new RegistryError("unreachable", `Cannot find the address of ${host}`);
  }
}

function refusal(registry: string, where: string): RegistryError {
  const what = `Cannot ask ${withoutQuery(registry)}`;
  return new RegistryError("invalid", `${what}: it sends us for a token to ${where}`);
}
