import type { HealthCheck } from "../config/config.ts";

/** What stands for the check in `<<HEALTHCHECK>>` and `LIVEROLL_HEALTHCHECK`. */
export function healthCheckText(check: HealthCheck): string {
  switch (check.kind) {
    case "http":
      return check.path;
    case "exec":
      return check.command;
    default:
      return check.kind;
  }
}
