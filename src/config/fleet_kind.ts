import { formatDuration, parseDuration } from "../values/duration.ts";
import { type Kind, quote } from "../values/kinds.ts";
import { parseStoreUrl, type StoreTarget } from "./cache_kind.ts";

/** Where several hosts take turns. */
export interface FleetTarget {
  readonly store: StoreTarget;
  /** A host that died gives way after this time, if the URL says it; null: it does not. */
  readonly leaseMs: number | null;
}

/** Shorter ones end before a slow server has answered, longer ones are not worth waiting for. */
const LEASE_LIMITS_MS = [2_000, 3600_000] as const;

const SHARED = "give file:///DIR that all hosts see, redis://[USER:PASSWORD@]HOST[:PORT][/DB], " +
  "consul://HOST[:PORT][/PREFIX], s3://REGION/BUCKET/PREFIX or gs://BUCKET/PREFIX";

/** One place that all hosts of a fleet use. What may be secret appears in no complaint. */
export const fleetTarget: Kind<FleetTarget> = {
  placeholder: "URL",
  parse(text) {
    if (text === "off") throw new SyntaxError("without a fleet, leave the option out");
    if (!/^(?:file|memory|rediss?|consul|consul\+https|s3|gs):/.test(text)) {
      throw new SyntaxError(`the value is no place where hosts take turns, ${SHARED}`);
    }
    const { store, lease } = parseStoreUrl(text, ["lease"]);
    if (store.kind === "memory") {
      throw new SyntaxError(`no other host sees the memory of this process, ${SHARED}`);
    }
    if (store.kind === "file" && store.path === null) {
      throw new SyntaxError(`no other host uses the state directory of this one, ${SHARED}`);
    }
    return { store, leaseMs: lease === undefined ? null : parseLease(lease) };
  },
};

function parseLease(text: string): number {
  const ms = parseDuration(text);
  const [least, most] = LEASE_LIMITS_MS;
  if (ms >= least && ms <= most) return ms;
  const limits = LEASE_LIMITS_MS.map((limit) => formatDuration(limit)).join(" to ");
  throw new RangeError(`lease=${quote(text)} is out of range, give ${limits}`);
}
