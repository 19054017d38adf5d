import type { Refusal } from "./dispatcher.ts";

const DETAILS: Partial<Record<Refusal, string>> = {
  queue_full: "Too many requests are waiting for the application to start.",
  queue_timeout: "The application did not become available in time.",
  stopping: "The service is stopping.",
  maintenance: "The service is in maintenance.",
  head_timeout: "The application did not answer in time.",
  connect_timeout: "The application did not answer in time.",
  cut: "The application was replaced before it had answered.",
};

/** One sentence for people on why no backend answered. */
export function refusalDetail(reason: Refusal): string {
  return DETAILS[reason] ?? "The application could not be reached.";
}
