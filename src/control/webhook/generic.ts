import { equalSecrets } from "../equal.ts";
import { Problem } from "../problem.ts";
import { hmacOf } from "./hmac.ts";
import type { Delivery, Sent } from "./webhook.ts";

/** How far the clocks of two hosts may be apart, and a delivery may be late. */
const TOLERANCE_SECONDS = 300;

/**
 * For scripts: `X-Liveroll-Signature: t=SECONDS,v1=HEX`, where `SECONDS` have passed since 1970 and
 * `HEX` is the HMAC-SHA-256 of `SECONDS.BODY`. There may be several `v1`, while a secret changes.
 */
export function generic({ headers, body, secret, now }: Sent): Delivery | null {
  const header = headers.get("x-liveroll-signature");
  if (header === null) return null;
  const parts = header.split(",").map((part) => part.trim());
  const time = parts.find((part) => part.startsWith("t="))?.slice(2) ?? "";
  if (!/^\d{1,12}$/.test(time)) {
    throw new Problem("unauthorized", "X-Liveroll-Signature is not t=SECONDS,v1=HEX");
  }
  const expected = hmacOf(secret, `${time}.`, body);
  const given = parts.filter((part) => part.startsWith("v1=")).map((part) => part.slice(3));
  if (!given.some((hex) => equalSecrets(hex.toLowerCase(), expected))) {
    throw new Problem("unauthorized", "X-Liveroll-Signature is wrong");
  }
  requireRecent(Number(time), now);
  return { kind: "trigger", keys: [expected] };
}

function requireRecent(seconds: number, now: number): void {
  const age = Math.round(now / 1000 - seconds);
  if (Math.abs(age) <= TOLERANCE_SECONDS) return;
  const off = age > 0 ? `${age} s old` : `${-age} s ahead`;
  const detail = `X-Liveroll-Signature is ${off}, more than ${TOLERANCE_SECONDS}`;
  throw new Problem("unauthorized", detail);
}
