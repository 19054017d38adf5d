import { assertEquals, assertThrows } from "@std/assert";
import document from "../../../../src/control/openapi.json" with { type: "json" };
import { JOB_OUTCOMES, JOB_STATES } from "../../../../src/control/jobs/words.ts";
import { PROBLEM_STATUS } from "../../../../src/control/problem.ts";
import { ROUTES } from "../../../../src/control/routes/mod.ts";
import { COPY_STATES } from "../../../../src/roll/copies.ts";
import { APP_STATES, type AppState, ROLL_OUTCOMES, TRIGGERS } from "../../../../src/roll/events.ts";
import { PHASES } from "../../../../src/roll/journal.ts";
import { Validator } from "../../../helpers/json_schema.ts";
import { OpenApi } from "../../../helpers/openapi.ts";
import { AT, emptyStatus, logged, outputLine } from "../fake_operator.ts";
import { ALLOWED, type Ask, Rig } from "../rig.ts";
import { EVENTS } from "../sample_events.ts";

const API = new OpenApi(document);
const schemas = document.components.schemas;

/** One request and what is to come of it. */
interface Case {
  path: string;
  ask?: Ask;
  status: number;
  /** What the world is like. */
  given?(rig: Rig): void;
}

const POST: Ask = { method: "POST" };
const refused = (reason: "busy" | "conflict" | "unknown_version" | "unavailable") => (rig: Rig) => {
  rig.operator.answer = {
    accepted: false,
    reason,
    detail: "no",
    roll: reason === "busy" ? 3 : null,
  };
};
const broken = (rig: Rig) => {
  rig.operator.problem = new Error("the disk is full");
};
const cannotUpgrade = (rig: Rig) => {
  rig.operator.upgradeStart = { refused: "it hands nothing over" };
};
const doctorIsIll = (rig: Rig) => {
  rig.operator.report = () => Promise.reject(new Error("ill"));
};
const nothingYet = (rig: Rig) => {
  rig.operator.current = emptyStatus();
  rig.operator.lines = [];
};

const begins = (rig: Rig) => {
  rig.operator.answer = { accepted: true, request: 8 };
};
const runsAlready = (rig: Rig) => {
  rig.operator.answer = { accepted: true, request: 10 };
};
const sourceIsDown = (rig: Rig) => {
  rig.operator.current.lastCheck = { at: AT, outcome: "failed", detail: "no route" };
};

/** An operation with what is special about it; what all have in common is added below. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  "GET /v1/healthz": [{ path: "/v1/healthz", status: 200 }],
  "GET /v1/openapi.json": [{ path: "/v1/openapi.json", status: 200 }],
  "GET /metrics": [{ path: "/metrics", status: 200 }],
  "GET /v1/status": [
    { path: "/v1/status", status: 200 },
    { path: "/v1/status", status: 200, given: nothingYet },
  ],
  "GET /v1/history": [
    { path: "/v1/history", status: 200 },
    { path: "/v1/history?limit=x", status: 400 },
  ],
  "GET /v1/rolls/{id}": [
    { path: "/v1/rolls/1", status: 200 },
    { path: "/v1/rolls/5", status: 404 },
    { path: "/v1/rolls/x", status: 400 },
  ],
  "GET /v1/rolls/{id}/logs": [
    { path: "/v1/rolls/1/logs", status: 200 },
    { path: "/v1/rolls/5/logs", status: 404 },
  ],
  "GET /v1/logs": [
    { path: "/v1/logs", status: 200 },
    { path: "/v1/logs", status: 200, given: nothingYet },
    { path: "/v1/logs?follow=x", status: 400 },
  ],
  "GET /v1/why": [{ path: "/v1/why", status: 200 }],
  "GET /v1/events": [{ path: "/v1/events?output=x", status: 400 }],
  "GET /v1/requests/{id}": [
    { path: "/v1/requests/7", status: 200 },
    { path: "/v1/requests/8", status: 200 },
    { path: "/v1/requests/9", status: 404 },
  ],
  "GET /v1/traffic": [{ path: "/v1/traffic", status: 200 }],
  "GET /v1/doctor": [
    { path: "/v1/doctor", status: 200 },
    { path: "/v1/doctor", status: 500, given: doctorIsIll },
  ],
  "POST /v1/doctor/fix": [{ path: "/v1/doctor/fix", ask: POST, status: 200 }],
  "POST /v1/update": [
    ...orders("/v1/update"),
    { path: "/v1/update", ask: { body: { target: "v1" } }, status: 202, given: begins },
    { path: "/v1/update", ask: { body: { target: "v1" } }, status: 200, given: runsAlready },
    { path: "/v1/update", ask: { body: { target: "" } }, status: 400 },
  ],
  "GET /v1/update/{id}": [
    { path: "/v1/update/1", status: 200 },
    { path: "/v1/update/5", status: 404 },
    { path: "/v1/update/x", status: 400 },
  ],
  "GET /v1/releases/latest": [
    { path: "/v1/releases/latest?channel=any", status: 200 },
    { path: "/v1/releases/latest", status: 404, given: nothingYet },
    { path: "/v1/releases/latest", status: 502, given: sourceIsDown },
    { path: "/v1/releases/latest?channel=x", status: 400 },
  ],
  "POST /v1/rollback": orders("/v1/rollback"),
  "POST /v1/retry": orders("/v1/retry"),
  "POST /v1/pin": orders("/v1/pin", { body: { id: "v1" } }),
  "POST /v1/unpin": settings("/v1/unpin"),
  "POST /v1/skip": settings("/v1/skip", { body: { id: "v1" } }),
  "POST /v1/pause": settings("/v1/pause"),
  "POST /v1/resume": settings("/v1/resume"),
  "POST /v1/hold": settings("/v1/hold"),
  "POST /v1/release": settings("/v1/release"),
  "POST /v1/maintenance": settings("/v1/maintenance", { body: { message: null } }),
  "POST /v1/stop": [{ path: "/v1/stop", ask: POST, status: 202 }],
  "POST /v1/upgrade": [
    { path: "/v1/upgrade", ask: POST, status: 202 },
    { path: "/v1/upgrade", ask: POST, status: 409, given: cannotUpgrade },
  ],
  "POST /v1/hooks/update": [
    { path: "/v1/hooks/update", ask: POST, status: 401 },
    { path: "/v1/hooks/update", ask: { body: "x".repeat(8_388_609) }, status: 413 },
  ],
  "POST /v1/hooks/update/{secret}": [
    { path: "/v1/hooks/update/s", ask: POST, status: 202 },
    { path: "/v1/hooks/update/wrong", ask: POST, status: 401 },
    { path: "/v1/hooks/update/s", ask: POST, status: 409, given: refused("busy") },
    { path: "/v1/hooks/update/s", ask: POST, status: 503, given: refused("unavailable") },
  ],
  "GET /healthz": [{ path: "/healthz", status: 200 }],
  "GET /status": [{ path: "/status", status: 200 }],
  "GET /releases/latest": [
    { path: "/releases/latest", status: 200 },
    { path: "/releases/latest", status: 502, given: sourceIsDown },
  ],
  "POST /update": [
    { path: "/update", ask: { body: { target_tag: "v1" } }, status: 202, given: begins },
    { path: "/update", ask: { body: { target_tag: "v1" } }, status: 200, given: runsAlready },
    { path: "/update", ask: { body: { target_tag: "v1" } }, status: 409, given: refused("busy") },
  ],
  "GET /update/{id}": [
    { path: "/update/job_1", status: 200 },
    { path: "/update/job_5", status: 404 },
  ],
  "GET /history": [{ path: "/history", status: 200 }],
};

function orders(path: string, ask: Ask = POST): Case[] {
  return [
    { path, ask, status: 202 },
    { path, ask: { body: { ...Object(ask.body), dry_run: true } }, status: 200 },
    { path, ask, status: 409, given: refused("busy") },
    { path, ask, status: 409, given: refused("conflict") },
    { path, ask, status: 404, given: refused("unknown_version") },
    { path, ask, status: 503, given: refused("unavailable") },
  ];
}

function settings(path: string, ask: Ask = POST): Case[] {
  return [{ path, ask, status: 200 }, { path, ask, status: 503, given: broken }];
}

/** What can go wrong with every request that only the operator may make. */
function common(method: string, path: string): Case[] {
  const reading = [
    { path, ask: { method, headers: { authorization: "Bearer wrong" } }, status: 401 },
    { path: `${path}?nonsense=1`, ask: { method, headers: ALLOWED }, status: 400 },
  ];
  if (method === "GET") return reading;
  const body = '{"nonsense":1}';
  const json = { "content-type": "application/json" };
  const sent = (body: string, headers: Record<string, string>, status: number): Case => ({
    path,
    ask: { method, body, headers: { ...ALLOWED, ...headers } },
    status,
  });
  const text = { "content-type": "text/plain" };
  const writing = [
    sent(body, json, 400),
    sent(body, text, 415),
    sent("x".repeat(65_537), json, 413),
  ];
  return [...reading, ...writing];
}

/** What is wrong with the answer to `one`. */
async function problemsOf(response: Response, method: string, { path, status }: Case) {
  const body = await response.text();
  if (response.status !== status) return [`${response.status} instead of ${status}: ${body}`];
  const contentType = response.headers.get("content-type") ?? "";
  const plain = path.replace(/\?.*/, "");
  return API.problemsOf({ method, path: plain, status, contentType, body });
}

Deno.test("the document describes every route, and no other", () => {
  const routes = ROUTES.map(({ method, path }) => `${method} ${path}`).sort();
  assertEquals(API.operations, routes);
  assertEquals(Object.keys(CASES).sort(), routes);
});

Deno.test("the document names the query parameters that routes know", () => {
  for (const { method, path, query = [] } of ROUTES) {
    assertEquals(API.queryOf(method, path), [...query], path);
  }
});

for (const [operation, cases] of Object.entries(CASES)) {
  const [method = "", template = ""] = operation.split(" ");
  for (const one of cases) {
    Deno.test(`${method} ${one.path} answers ${one.status} as the document says`, async () => {
      await using rig = await Rig.start({ webhookSecret: "s" });
      one.given?.(rig);
      const response = await rig.unix(one.path, one.ask ?? {});
      assertEquals(await problemsOf(response, method, one), []);
    });
  }
  const route = ROUTES.find((route) => route.path === template);
  if (route?.access !== undefined) continue;
  Deno.test(`what can be wrong with every ${operation} is as the document says`, async () => {
    await using rig = await Rig.start();
    const path = template.replace("{id}", "1");
    for (const one of common(method, path)) {
      const response = await rig.tcp(one.path, one.ask);
      assertEquals(await problemsOf(response, method, one), [], JSON.stringify(one.ask?.headers));
    }
  });
  Deno.test(`a foreign page that asks for ${operation} is refused as the document says`, async () => {
    await using rig = await Rig.start({ token: null });
    const path = template.replace("{id}", "1");
    if (method === "GET") return;
    const one = { path, status: 403 };
    const response = await rig.tcp(path, { method, headers: { origin: "http://evil.example" } });
    assertEquals(await problemsOf(response, method, one), []);
  });
}

for (const path of ["/v1/logs", "/v1/rolls/1/logs", "/v1/events"]) {
  Deno.test(`the stream ${path} is as the document says`, async () => {
    const rig = await Rig.start();
    const query = path === "/v1/events" ? "?output=true" : "?follow=true";
    const response = await rig.unix(path + query);
    for (const event of EVENTS) rig.operator.tell(logged(event));
    rig.operator.print(outputLine(1, "more"));
    const [body] = await Promise.all([response.text(), rig.server.close()]);
    const contentType = response.headers.get("content-type") ?? "";
    assertEquals(API.problemsOf({ method: "GET", path, status: 200, contentType, body }), []);
    assertEquals(body.split("\n").some((line) => line.includes('"more"')), true);
    if (path === "/v1/events") assertEquals(problemsOfEvents(body), []);
    await rig[Symbol.asyncDispose]();
  });
}

/** What is wrong with the data of server-sent events. */
function problemsOfEvents(body: string): string[] {
  const names = { status: schemas.Status, event: schemas.LoggedEvent, output: schemas.OutputLine };
  return [...body.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].flatMap(([, name = "", data = ""]) => {
    const schema = names[name as keyof typeof names];
    return schema ? API.validator.validate(JSON.parse(data), schema) : [`${name} is unknown`];
  });
}

Deno.test("what the document forgets is found", () => {
  const validator = new Validator(document);
  const { pid: _, ...withoutPid } = emptyStatus();
  const wrong: [unknown, string][] = [
    [withoutPid, "$.pid is missing"],
    [{ ...emptyStatus(), extra: 1 }, "$.extra is unknown"],
    [{ ...emptyStatus(), pid: "1" }, "$.pid is not integer"],
    [{ ...emptyStatus(), state: "odd" as AppState }, '$.state is "odd", none of ' + APP_STATES],
    [{ ...emptyStatus(), startedAt: "today" }, "$.startedAt is no date-time"],
    [{ ...emptyStatus(), draining: [{}] }, "$.draining[0].id is missing"],
  ];
  for (const [value, problem] of wrong) {
    assertEquals(validator.validate(value, schemas.Status)[0], problem);
  }
  assertEquals(validator.validate(emptyStatus(), schemas.Status), []);
  assertThrows(() => validator.validate(1, { maxItems: 1 }), Error, "Unknown keyword maxItems");
});

Deno.test("the words of the document are the words of the program", () => {
  assertEquals(schemas.AppState.enum, [...APP_STATES]);
  assertEquals(schemas.ContainerState.enum, [...COPY_STATES]);
  assertEquals(schemas.Trigger.enum, [...TRIGGERS]);
  assertEquals(schemas.RollOutcome.enum, [...ROLL_OUTCOMES]);
  assertEquals(schemas.PhaseName.enum, [...PHASES]);
  assertEquals(schemas.JobState.enum, [...JOB_STATES]);
  assertEquals(schemas.JobOutcome.enum, [...JOB_OUTCOMES]);
  assertEquals(schemas.Problem.properties.code.enum.sort(), Object.keys(PROBLEM_STATUS).sort());
  const types = schemas.RollEvent.oneOf.map(({ properties }) => properties.type.const);
  assertEquals(types.sort(), EVENTS.map(({ type }) => type as string).sort());
});
