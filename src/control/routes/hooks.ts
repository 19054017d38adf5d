import { json } from "../answers.ts";
import { readBody } from "../body.ts";
import { Problem } from "../problem.ts";
import type { Call } from "../route.ts";
import type { Delivery, Webhook } from "../webhook/webhook.ts";

/** A push of many commits is long; GitHub sends up to 25 MB, and nobody needs all of that. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Somebody says, with a signature, that there may be a new version. */
export async function hook(call: Call): Promise<Response> {
  const webhook = required(call);
  const body = await readBody(call, MAX_BYTES);
  return await answer(call, webhook, webhook.verify(call.request.headers, body));
}

/** The same for senders that cannot sign: the secret is a part of the address. */
export async function hookBySecret(call: Call): Promise<Response> {
  const webhook = required(call);
  webhook.verifySecret(call.params.secret ?? "");
  await readBody(call, MAX_BYTES);
  return await answer(call, webhook, { kind: "trigger", keys: [] });
}

function required({ webhook }: Call): Webhook {
  if (webhook) return webhook;
  throw new Problem("not_found", "No webhook secret is configured");
}

async function answer(
  { operator }: Call,
  webhook: Webhook,
  delivery: Delivery,
): Promise<Response> {
  if (delivery.kind === "ping") return told("pong", 200);
  if (delivery.kind === "ignored") return told("ignored", 202);
  if (!webhook.take(delivery.keys)) return told("already_taken", 200);
  const order = await operator.order({ kind: "update", id: null, force: false, by: "webhook" });
  if (order.accepted) return told("accepted", 202, order.request);
  // Whoever delivers it once more is heard.
  webhook.giveBack(delivery.keys);
  throw new Problem(order.reason, order.detail, { roll: order.roll });
}

function told(result: string, status: number, request: number | null = null): Response {
  return json({ result, request }, status);
}
