import { equalSecrets } from "../equal.ts";
import { Problem } from "../problem.ts";
import { hmacOf } from "./hmac.ts";
import type { Delivery, Sent } from "./webhook.ts";

/** Events that may come with a new version. */
const TRIGGERS: ReadonlySet<string> = new Set([
  "create",
  "deployment",
  "package",
  "push",
  "registry_package",
  "release",
  "repository_dispatch",
  "workflow_run",
]);

/**
 * As GitHub signs, and Gitea and Forgejo as well: `X-Hub-Signature-256: sha256=HEX` of the body.
 *
 * The id of a delivery is not signed. So a body is known again by its signature, too: two events
 * never have the same.
 */
export function github({ headers, body, secret }: Sent): Delivery | null {
  const signature = headers.get("x-hub-signature-256");
  if (signature === null) return null;
  const expected = `sha256=${hmacOf(secret, body)}`;
  if (!equalSecrets(signature.trim().toLowerCase(), expected)) {
    throw new Problem("unauthorized", "X-Hub-Signature-256 is wrong");
  }
  const event = headers.get("x-github-event") ?? "";
  if (event === "ping") return { kind: "ping" };
  if (!TRIGGERS.has(event)) return { kind: "ignored" };
  const id = headers.get("x-github-delivery");
  return { kind: "trigger", keys: [expected, ...(id === null ? [] : [`github:${id}`])] };
}
