import { json } from "../answers.ts";
import document from "../openapi.json" with { type: "json" };

/** Answers the description of this API. */
export function openapi(): Response {
  return json(document);
}
