import { assertEquals, assertMatch } from "@std/assert";
import type { Job } from "../../src/control/jobs/job.ts";
import { ask } from "../helpers/http.ts";
import type { Liveroll } from "../helpers/liveroll.ts";
import { withHome } from "../helpers/lives.ts";
import { verb } from "../helpers/verbs.ts";

/** Never answers its probes. */
const HANGS = { health: { hangFirst: -1 } };

/** Asks the control API for a job, over TCP. */
async function call(
  { sparePort }: Liveroll,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const answer = await ask(sparePort, path, {
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });
  return { status: answer.status, json: JSON.parse(answer.text) };
}

/** The job when it is over; each look is after something has happened. */
async function over(liveroll: Liveroll, { id, status_url }: Job, since = 0): Promise<Job> {
  await liveroll.waitFor("request.ended", ({ roll }) => roll === id, since);
  return (await call(liveroll, status_url)).json;
}

/** Where its jobs are asked for. */
function flagsFor(port: number): Record<string, string> {
  return { "control-listen": `127.0.0.1:${port}` };
}

Deno.test("an update by the API is a job, to its end; it survives kill -9 and blocks nothing later", () =>
  withHome(async (home, begin) => {
    const flags = flagsFor(home.sparePort);
    const liveroll = begin({ flags });
    await liveroll.waitFor("roll.succeeded");

    const since = liveroll.log.mark();
    const dry = await call(liveroll, "/v1/update", { target: "v2", dry_run: true });
    assertEquals([dry.status, dry.json.action, dry.json.to, dry.json.from], [
      200,
      "roll",
      "v2",
      "v1",
    ]);
    const told = await verb(home.stateDir, "update", "v2", "--dry-run");
    assertEquals([told.code, told.stdout.split("\n")[0]], [0, "rolls to v2"]);
    assertEquals(liveroll.events("roll.started", {}, since), []);
    assertEquals((await call(liveroll, "/v1/history")).json.length, 1);

    const key = { "idempotency-key": "deploy-2" };
    const begun = await call(liveroll, "/v1/update", { target: "v2" }, key);
    const { id, target, previous, status_url } = begun.json;
    assertEquals([begun.status, target, previous], [202, "v2", "v1"]);
    const done = await over(liveroll, begun.json);
    assertEquals([done.state, done.outcome, done.error], ["committed", "committed", null]);
    const phases = done.steps.map(({ phase }) => phase);
    assertEquals(phases, dry.json.phases.slice(0, phases.length));
    assertEquals((await liveroll.ask()).text, "v2");
    const again = await call(liveroll, "/v1/update", { target: "v2" }, key);
    assertEquals([again.status, again.json.id], [200, id]);
    const declared = await call(liveroll, "/v1/update", { target: "v2" });
    assertEquals([declared.status, declared.json.id], [200, id]);

    home.workspace.setBehaviour("v3", { crash: { code: 3, lastWords: ["no table"] } });
    const bad = await call(liveroll, "/update", { target_tag: "v3" });
    assertEquals([bad.status, bad.json.status_url], [202, `/update/${bad.json.job_id}`]);
    await liveroll.waitFor("request.ended", ({ outcome }) => outcome === "failed");
    const failed = (await call(liveroll, bad.json.status_url)).json;
    assertEquals(failed.state, "failed");
    assertMatch(failed.error, /code 3 .*\(not touched\)$/);
    assertEquals((await liveroll.ask()).text, "v2");

    home.workspace.setBehaviour("v4", HANGS);
    const slow = (await call(liveroll, "/v1/update", { target: "v4" })).json;
    await liveroll.waitFor("roll.phase", ({ roll, name }) => roll === slow.id && name === "gate");
    assertEquals((await call(liveroll, slow.status_url)).json.state, "healthchecking");
    const second = await call(liveroll, "/v1/update", { target: "v5" });
    assertEquals([second.status, second.json.code, second.json.roll], [409, "busy", slow.id]);
    assertEquals((await call(liveroll, "/status")).json.active_job.id, `job_${slow.id}`);
    home.workspace.publish("v2");
    await liveroll.stop("SIGKILL");

    const next = begin({ flags });
    await next.waitFor("roll.succeeded");
    const killed = (await call(next, slow.status_url)).json;
    assertEquals([killed.state, killed.outcome], ["failed", "restored and healthy"]);
    assertEquals((await call(next, "/status")).json.active_job, null);
    const kept = (await call(next, status_url)).json;
    assertEquals([kept.state, kept.completed_at], [done.state, done.completed_at]);
    const later = await call(next, "/v1/update", { target: "v5" });
    assertEquals(later.status, 202);
    assertEquals((await over(next, later.json)).state, "committed");
    assertEquals((await next.ask()).text, "v5");
  }));
