import { legacyRefusal } from "../jobs/legacy.ts";
import type { Access, Handler, Route } from "../route.ts";
import { doctor, fix } from "./doctor.ts";
import { events } from "./events.ts";
import { healthz } from "./healthz.ts";
import { history } from "./history.ts";
import { hook, hookBySecret } from "./hooks.ts";
import { job, latest } from "./jobs.ts";
import {
  legacyHistory,
  legacyLatest,
  legacyStatus,
  legacyUpdate,
  legacyUpdateStatus,
} from "./legacy.ts";
import { logs, rollLogs } from "./logs.ts";
import { metrics } from "./metrics.ts";
import { openapi } from "./openapi.ts";
import { pin, retry, rollback, update } from "./orders.ts";
import { request } from "./requests.ts";
import { roll } from "./rolls.ts";
import { maintenance, setting, skip } from "./settings.ts";
import { status } from "./status.ts";
import { stop } from "./stop.ts";
import { upgrade } from "./upgrade.ts";
import { traffic } from "./traffic.ts";
import { why } from "./why.ts";

/** Everything that can be asked for; `openapi.json` describes the same. */
export const ROUTES: readonly Route[] = [
  get("/v1/healthz", healthz, { access: "anyone" }),
  get("/v1/openapi.json", openapi),
  get("/metrics", metrics),
  get("/v1/status", status),
  get("/v1/history", history, { query: ["limit"] }),
  get("/v1/rolls/{id}", roll),
  get("/v1/rolls/{id}/logs", rollLogs, { query: ["limit", "follow"] }),
  get("/v1/logs", logs, { query: ["limit", "follow"] }),
  get("/v1/why", why, { query: ["limit"] }),
  get("/v1/events", events, { query: ["output"] }),
  get("/v1/requests/{id}", request),
  get("/v1/traffic", traffic),
  get("/v1/doctor", doctor),
  post("/v1/doctor/fix", fix),
  post("/v1/update", update),
  get("/v1/update/{id}", job),
  get("/v1/releases/latest", latest, { query: ["channel"] }),
  post("/v1/rollback", rollback),
  post("/v1/retry", retry),
  post("/v1/pin", pin),
  post("/v1/unpin", setting("unpin")),
  post("/v1/skip", skip),
  post("/v1/pause", setting("pause")),
  post("/v1/resume", setting("resume")),
  post("/v1/hold", setting("hold")),
  post("/v1/release", setting("release")),
  post("/v1/maintenance", maintenance),
  post("/v1/stop", stop),
  post("/v1/upgrade", upgrade),
  post("/v1/hooks/update", hook, { access: "sender" }),
  post("/v1/hooks/update/{secret}", hookBySecret, { access: "sender" }),
  // As the updater of ProcessGit has them.
  get("/healthz", healthz, { access: "anyone" }),
  legacy(get("/status", legacyStatus)),
  legacy(get("/releases/latest", legacyLatest, { query: ["channel"] })),
  legacy(post("/update", legacyUpdate)),
  legacy(get("/update/{id}", legacyUpdateStatus)),
  legacy(get("/history", legacyHistory)),
];

function legacy(route: Route): Route {
  return { ...route, refuse: legacyRefusal };
}

function get(
  path: string,
  handle: Handler,
  needs: { access?: Access; query?: readonly string[] } = {},
): Route {
  return { method: "GET", path, handle, ...needs };
}

function post(path: string, handle: Handler, needs: { access?: Access } = {}): Route {
  return { method: "POST", path, handle, ...needs };
}
