import { assertEquals } from "@std/assert";
import { FakeOperator } from "../../../helpers/fake_operator.ts";
import { jobOf } from "../../../../src/control/jobs/job.ts";
import { JOB_STATES, type JobState } from "../../../../src/control/jobs/words.ts";
import { type PhaseName, PHASES } from "../../../../src/roll/journal.ts";
import { ALLOWED, Rig } from "../rig.ts";
import { AT } from "../fake_operator.ts";

Deno.test("a job says which part of its roll is under way, and each part that is over", () => {
  const operator = new FakeOperator("v1");
  operator.begin("v2", "command");
  assertEquals([jobOf(operator, 2)?.state, jobOf(operator, 2)?.previous], ["planning", "v1"]);
  const seen = (["fetch", "snapshot", "migrate", "start", "gate"] as const).map((phase) => {
    operator.phase(phase);
    return jobOf(operator, 2)?.state;
  });
  assertEquals(seen, ["pulling", "snapshotting", "migrating", "swapping", "healthchecking"]);
  assertEquals(jobOf(operator, 2)?.steps.map(({ phase }) => phase), [
    "fetch",
    "snapshot",
    "migrate",
    "start",
  ]);
  operator.fail("it exited with code 3");
  const { state, outcome, error, target } = jobOf(operator, 2)!;
  assertEquals([state, outcome, error, target], [
    "failed",
    "not touched",
    "it exited with code 3",
    "v2",
  ]);
});

/** What a job says during each phase. */
const SAID: Readonly<Record<PhaseName, JobState>> = {
  fetch: "pulling",
  turn: "planning",
  "before-hook": "planning",
  snapshot: "snapshotting",
  migrate: "migrating",
  port: "swapping",
  start: "swapping",
  gate: "healthchecking",
  exchange: "swapping",
  switch: "swapping",
  drain: "healthchecking",
  stop: "healthchecking",
  watch: "healthchecking",
  "after-hook": "healthchecking",
  restore: "rolling_back",
};

for (const phase of PHASES) {
  Deno.test(`a job whose roll is at ${phase} is ${SAID[phase]}`, () => {
    const operator = new FakeOperator("v1");
    operator.begin("v2", "command");
    operator.phase(phase);
    assertEquals(jobOf(operator, 2)?.state, SAID[phase]);
  });
}

Deno.test("no word for a job is without a phase, save those of its end", () => {
  const said = new Set<JobState>(Object.values(SAID));
  const unsaid = JOB_STATES.filter((state) => !said.has(state));
  assertEquals(unsaid, ["committed", "rolled_back", "failed"]);
});

Deno.test("a job that is there is found, another is not", () => {
  const operator = new FakeOperator("v1");
  assertEquals(jobOf(operator, 1)?.state, "committed");
  assertEquals(jobOf(operator, 1)?.status_url, "/v1/update/1");
  assertEquals(jobOf(operator, 2), null);
});

/** One order was taken, and its roll is number 1. */
async function taken(): Promise<Rig> {
  const rig = await Rig.start();
  rig.operator.answer = { accepted: true, request: 8 };
  return rig;
}

Deno.test("the same key and target are answered with the job there was, whatever door they come through", async () => {
  await using rig = await taken();
  const headers = { ...ALLOWED, "idempotency-key": "k1" };
  const first = rig.unix("/v1/update", { body: { target: "v1" }, headers });
  const second = rig.tcp("/v1/update", { body: { target: "v1" }, headers });
  const answers = await Promise.all([first, second]);
  assertEquals(answers.map(({ status }) => status).sort(), [200, 202]);
  const [a, b] = await Promise.all(answers.map((answer) => answer.json()));
  assertEquals(a, b);
  const orders = rig.operator.asked.filter((asked) => !Array.isArray(asked));
  assertEquals(orders, [{ kind: "update", id: "v1", force: false, by: "command" }]);
  const other = await rig.unix("/v1/update", { body: { target: "v9" }, headers });
  assertEquals([other.status, (await other.json()).detail], [
    409,
    'The Idempotency-Key "k1" was used for v1, not for v9: choose another one',
  ]);
});

Deno.test("a key of an update that was refused may be used again", async () => {
  await using rig = await taken();
  const ask = { body: { target: "v1" }, headers: { "idempotency-key": "k1" } };
  rig.operator.answer = { accepted: false, reason: "busy", detail: "roll 3", roll: 3 };
  const refused = await rig.unix("/v1/update", ask);
  assertEquals([refused.status, (await refused.json()).roll], [409, 3]);
  rig.operator.answer = { accepted: true, request: 8 };
  const accepted = await rig.unix("/v1/update", ask);
  assertEquals([accepted.status, (await accepted.json()).id], [202, 1]);
});

Deno.test("what cannot be an update is refused, naming what is wrong", async () => {
  await using rig = await taken();
  const cases: [unknown, Record<string, string>, number, string][] = [
    [{ target: "" }, {}, 400, 'target is "", not a text of 1 to 1024 characters, or null'],
    [
      { target: "v1", id: "v1" },
      {},
      400,
      "id and target are both there: target begins a job, id a request; give one",
    ],
    ["{", {}, 400, "The body is not JSON"],
    [
      { target: "v1" },
      { "idempotency-key": "k".repeat(201) },
      400,
      "The Idempotency-Key has 201 characters, not 1 to 200",
    ],
    [{ target: "x".repeat(16 * 1024) }, {}, 413, "The body is longer than 16 KiB"],
  ];
  for (const [body, headers, status, detail] of cases) {
    const answer = await rig.unix("/v1/update", { body, headers });
    const problem = await answer.json();
    assertEquals([answer.status, problem.detail.slice(0, detail.length)], [status, detail]);
  }
  assertEquals(rig.operator.asked, []);
});

Deno.test("the old paths speak the old words, in refusals too", async () => {
  await using rig = await taken();
  const begun = await rig.tcp("/update", { body: { target_tag: "v1" }, headers: ALLOWED });
  const { job_id, status_url, job } = await begun.json();
  assertEquals([begun.status, job_id, status_url, job.target_tag, job.target_version], [
    202,
    "job_1",
    "/update/job_1",
    "v1",
    "1",
  ]);
  assertEquals(await (await rig.unix(status_url)).json(), job);
  const nobody = await rig.tcp("/history");
  assertEquals([nobody.status, await nobody.json()], [
    401,
    { error: "A bearer token is needed", code: 401 },
  ]);
  const gone = await rig.unix("/update/job_9");
  assertEquals([gone.status, await gone.json()], [404, { error: "no such job: job_9", code: 404 }]);
});

Deno.test("the newest release is what the source named last, of the channel that is asked for", async () => {
  await using rig = await Rig.start();
  const ask = async (version: string, channel: string) => {
    rig.operator.current.lastCheck = { at: AT, outcome: "found", detail: version };
    const answer = await rig.unix(`/v1/releases/latest?channel=${channel}`);
    const { version: named, prerelease, detail } = await answer.json();
    return answer.ok ? [named, prerelease] : detail;
  };
  assertEquals(await ask("v1.2.3", "stable"), ["v1.2.3", false]);
  assertEquals(await ask("v1.2.3-rc.1", "any"), ["v1.2.3-rc.1", true]);
  assertEquals(
    await ask("v1.2.3-rc.1", "stable"),
    "The newest version is v1.2.3-rc.1, a pre-release: channel=any has it",
  );
  rig.operator.current.lastCheck = { at: AT, outcome: "waiting", detail: "v3: not now" };
  assertEquals((await (await rig.unix("/v1/releases/latest")).json()).version, "v3");
});

Deno.test("an image has its tag and its digest apart in the old words", async () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const operator = new FakeOperator("0.1.0");
  operator.begin(`0.1.2@${digest}`, "command");
  await using rig = await Rig.start({ operator });
  const { target_tag, target_version, target_digest } = await (await rig.unix("/update/job_2"))
    .json();
  assertEquals([target_tag, target_version, target_digest], ["0.1.2", "0.1.2", digest]);
  const latest = async (version: string, channel: string) => {
    operator.current.lastCheck = { at: AT, outcome: "found", detail: version };
    const { tag, prerelease, code } = await (await rig.unix(`/releases/latest${channel}`)).json();
    return [code ?? tag, prerelease];
  };
  assertEquals(await latest(`0.1.3@${digest}`, ""), ["0.1.3", false]);
  assertEquals(await latest(`0.1.3-rc1@${digest}`, "?channel=stable"), [404, undefined]);
  assertEquals(await latest(`0.1.3-rc1@${digest}`, "?channel=prerelease"), ["0.1.3-rc1", true]);
});

Deno.test("while a new version is watched another update is refused with its job, force takes its place", async () => {
  const operator = new FakeOperator("v1");
  operator.begin("v2", "command");
  for (const phase of ["start", "gate", "switch", "watch"] as const) operator.phase(phase);
  operator.switchOver();
  assertEquals(jobOf(operator, 2)?.state, "healthchecking");
  await using rig = await Rig.start({ operator });
  const refused = await rig.unix("/v1/update", { body: { target: "v3" } });
  const { detail, roll } = await refused.json();
  assertEquals([refused.status, roll, detail], [
    409,
    2,
    "roll 2 is under way: v2 is watched; force takes its place",
  ]);
  assertEquals(operator.asked, []);
  operator.refusal = { accepted: false, reason: "unavailable", detail: "no", roll: null };
  const forced = await rig.unix("/v1/update", { body: { target: "v3", force: true } });
  await forced.body?.cancel();
  assertEquals(operator.asked, [{ kind: "update", id: "v3", force: true, by: "command" }]);
});
