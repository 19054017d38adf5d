import { assertEquals, assertRejects } from "@std/assert";
import {
  EngineError,
  EngineUnreachableError,
} from "../../../../src/container/engine/engine_error.ts";
import { breakingOff, FakeEngine } from "./fake_engine.ts";

const GONE = { status: 404, text: '{"message":"No such container: one"}' };
const DONE = { status: 204, text: "" };
const EXITED = JSON.stringify({
  Id: "one",
  State: { Status: "exited", ExitCode: 137, OOMKilled: true, FinishedAt: "2026-11-21T10:01:49Z" },
});

Deno.test("the end of a container has its code, and whether memory ran out", async () => {
  const answers = { "POST /containers/one/wait": '{"StatusCode":137,"Error":null}' };
  await using fake = new FakeEngine({ ...answers, "GET /containers/one/json": EXITED });
  using engine = await fake.connect();
  const at = Date.parse("2026-11-21T10:01:49Z");
  const expected = { code: 137, isOutOfMemory: true, error: "", at };
  assertEquals(await engine.containers.wait("one", signal()), expected);
});

Deno.test("the end of a container that is gone by then, or runs again, is known as well", async () => {
  const answers = { "POST /containers/one/wait": '{"StatusCode":3,"Error":{"Message":"x"}}' };
  const again = '{"State":{"Status":"running","ExitCode":0}}';
  for (const look of [GONE, again]) {
    await using fake = new FakeEngine({ ...answers, "GET /containers/one/json": look });
    using engine = await fake.connect();
    const expected = { code: 3, isOutOfMemory: false, error: "x", at: null };
    assertEquals(await engine.containers.wait("one", signal()), expected);
  }
});

Deno.test("an engine that gives up waiting has not seen code 0", async () => {
  for (const answer of ["", "{}", () => breakingOff("")]) {
    await using fake = new FakeEngine({ "POST /containers/one/wait": answer });
    using engine = await fake.connect();
    const wait = () => engine.containers.wait("one", signal());
    assertEquals((await assertRejects(wait, EngineUnreachableError)).outage, "broken");
  }
});

Deno.test("a container has whole seconds to stop, never less than it was given", async () => {
  await using fake = new FakeEngine({ "POST /containers/one/stop": DONE });
  using engine = await fake.connect();
  for (const [timeoutMs, t] of [[0, "0"], [1, "1"], [10_000, "10"], [10_001, "11"]] as const) {
    await engine.containers.stop("one", timeoutMs, signal());
    assertEquals(fake.last.query, { t });
  }
});

Deno.test("what is done already is done: started, stopped, removed", async () => {
  const already = { status: 304, text: "" };
  await using fake = new FakeEngine({
    "POST /containers/one/start": already,
    "POST /containers/one/stop": already,
    "DELETE /containers/one": GONE,
    "DELETE /images/h.io/a%3Av1": { status: 404, text: '{"message":"No such image"}' },
  });
  using engine = await fake.connect();
  await engine.containers.start("one", signal());
  await engine.containers.stop("one", 0, signal());
  await engine.containers.remove("one", signal());
  assertEquals(fake.last.query, { v: "true", force: "true" });
  assertEquals(await engine.images.remove("h.io/a:v1", signal()), false);
});

Deno.test("an engine without a call for the restart policy says so, one without the container throws", async () => {
  await using podman = new FakeEngine({ "GET /containers/one/json": '{"Id":"one"}' });
  using engine = await podman.connect();
  assertEquals(await engine.containers.setRestartPolicy("one", "always", signal()), false);
  await using fake = new FakeEngine({ "GET /containers/one/json": GONE });
  using other = await fake.connect();
  await assertRejects(
    () => other.containers.setRestartPolicy("one", "always", signal()),
    EngineError,
    "Cannot set the restart policy of container one",
  );
});

Deno.test("containers are found by label, the newest first, with ids of images in one form", async () => {
  const hex = "ab".repeat(32);
  const list = [
    { Id: "old", Names: ["/web-1"], ImageID: hex, State: "exited", Created: 10, Labels: null },
    { Id: "new", Names: ["/web-2"], ImageID: `sha256:${hex}`, State: "stopping", Created: 20 },
  ];
  await using fake = new FakeEngine({ "GET /containers/json": JSON.stringify(list) });
  using engine = await fake.connect();
  const found = await engine.containers.list(["liveroll.app=web"], signal());
  assertEquals(found.map(({ id, name, state, createdAt }) => [id, name, state, createdAt]), [
    ["new", "web-2", "running", 20_000],
    ["old", "web-1", "exited", 10_000],
  ]);
  assertEquals(new Set(found.map(({ imageId }) => imageId)), new Set([`sha256:${hex}`]));
  const filters = '{"label":["liveroll.app=web"]}';
  assertEquals(fake.last.query, { all: "true", filters });
});

Deno.test("images of a repository are its own, not those of one with a longer name", async () => {
  const digest = `app@sha256:${"ab".repeat(32)}`;
  const list = [
    { Id: "1", RepoTags: ["me/app:v1"], Created: 10 },
    { Id: "2", RepoTags: null, RepoDigests: [`me/${digest}`], Created: 20 },
    { Id: "3", RepoTags: ["h.io/me/app:v1", "me/app-2:v1"], RepoDigests: [`not-me/${digest}`] },
  ];
  await using fake = new FakeEngine({ "GET /images/json": JSON.stringify(list) });
  using engine = await fake.connect();
  const found = await engine.images.list({ host: "docker.io", repository: "me/app" }, signal());
  assertEquals(found.map(({ id }) => id), ["2", "1"]);
  assertEquals(fake.last.query, { filters: '{"reference":["me/app"]}' });
});

Deno.test("a command that runs in a container ends with its code and its last words", async () => {
  const frame = (stream: number, text: string) => {
    const bytes = new TextEncoder().encode(text);
    return [stream, 0, 0, 0, 0, 0, 0, bytes.length, ...bytes];
  };
  const output = new Uint8Array([...frame(1, "fine\n"), ...frame(2, "oh no\n\n")]);
  await using fake = new FakeEngine({
    "POST /containers/one/exec": '{"Id":"e1"}',
    "POST /exec/e1/start": () => ReadableStream.from([output]),
    "GET /exec/e1/json": '{"ExitCode":4,"Running":false}',
  });
  using engine = await fake.connect();
  const command = ["/bin/check", "-q"];
  const result = await engine.containers.run("one", { command, user: "app" }, signal());
  assertEquals(result, { code: 4, lastLine: "oh no" });
  assertEquals(fake.asked[1]?.body, {
    Cmd: command,
    Env: [],
    AttachStdout: true,
    AttachStderr: true,
    User: "app",
  });
});

Deno.test("output of a container with a terminal is one stream, as it is", async () => {
  await using fake = new FakeEngine({ "GET /containers/one/logs": "one\r\ntwo" });
  using engine = await fake.connect();
  const options = { isTty: true, tail: 5, since: 1_500 };
  const lines = await Array.fromAsync(engine.containers.logs("one", options, signal()));
  assertEquals(lines.map(({ stream, text }) => [stream, text]), [
    ["stdout", "one"],
    ["stdout", "two"],
  ]);
  const { tail, since, follow } = fake.last.query;
  assertEquals([tail, since, follow], ["5", "1.500", "false"]);
});

function signal(): AbortSignal {
  return AbortSignal.timeout(20_000);
}
