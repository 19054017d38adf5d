import { assert, assertEquals } from "@std/assert";
import document from "../../src/control/openapi.json" with { type: "json" };
import { Cli } from "../helpers/cli.ts";
import { Home } from "../helpers/home.ts";
import { ask } from "../helpers/http.ts";
import { type Liveroll, withLiveroll } from "../helpers/liveroll.ts";
import { OpenApi } from "../helpers/openapi.ts";

const API = new OpenApi(document);

/** Ends when its reader leaves. */
const STREAM = "/v1/events";

/** Runs `test` with a liveroll whose API can be asked at its spare port. */
async function withApi(test: (liveroll: Liveroll) => Promise<void>): Promise<void> {
  using home = new Home();
  const flags = {
    "control-listen": `127.0.0.1:${home.sparePort}`,
    healthcheck: 'exec:case "$LIVEROLL_ID" in v3) test -e "$TOY_DIR/open";; v4) false;; esac',
    "health-interval": "50ms",
  };
  await withLiveroll({ home, version: "v1", flags }, test);
}

/** Asks, and fails unless the answer is as the API says. */
async function told(
  liveroll: Liveroll,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; text: string }> {
  const headers = { "content-type": "application/json" };
  const text = body === undefined ? {} : { body: JSON.stringify(body), headers };
  const answer = await ask(liveroll.sparePort, path, { method, ...text });
  const observed = {
    method,
    path: path.split("?")[0] ?? "",
    status: answer.status,
    contentType: answer.headers.get("content-type") ?? "",
    body: answer.text,
  };
  assertEquals(API.problemsOf(observed), [], `${method} ${path}: ${answer.text.slice(0, 1_000)}`);
  return answer;
}

/** Asks for everything there is to read. */
async function readAll(liveroll: Liveroll): Promise<void> {
  for (const operation of API.operations) {
    const [method = "", template = ""] = operation.split(" ");
    if (method !== "GET" || template === STREAM) continue;
    for (const id of template.includes("{") ? ["1", "2", "9999"] : [""]) {
      const { status } = await told(liveroll, method, template.replace("{id}", id));
      assert(
        status === 200 || (status === 404 && template.includes("{")),
        `${operation} ${status}`,
      );
    }
  }
}

Deno.test("whatever can be read is as the API says, in quiet times, in a roll and after trouble", () =>
  withApi(async (liveroll) => {
    await readAll(liveroll);
    // In a roll, with a candidate and a request that waits.
    liveroll.publish("v3");
    assertEquals((await told(liveroll, "POST", "/v1/update", {})).status, 202);
    await liveroll.waitFor("roll.candidate", ({ instance }) => instance.id === "v3");
    await readAll(liveroll);
    assertEquals((await told(liveroll, "POST", "/v1/update")).status, 409);
    Deno.writeTextFileSync(`${liveroll.workspace.dir}/open`, "");
    await liveroll.waitFor("roll.succeeded", { id: "v3" });
    // After trouble, with everything switched on that can be.
    const since = liveroll.offer("v4", { crash: { code: 3, lastWords: ["oh no"] } });
    await liveroll.waitFor("roll.failed", { id: "v4" }, since);
    for (const path of ["pause", "hold", "skip", "maintenance", "pin"]) {
      const body = { skip: { id: "v9" }, maintenance: { message: "x" }, pin: { id: "v3" } }[path];
      const { status } = await told(liveroll, "POST", `/v1/${path}`, body);
      assertEquals(status, path === "pin" ? 202 : 200, path);
    }
    await readAll(liveroll);
  }));

Deno.test("whatever can be done is answered as the API says, well or badly asked for", () =>
  withApi(async (liveroll) => {
    await liveroll.rollAndRetire("v2");
    const posts: readonly [path: string, body: unknown, status: number][] = [
      ["/v1/pause", {}, 200],
      ["/v1/update", {}, 409],
      ["/v1/retry", {}, 409],
      ["/v1/resume", undefined, 200],
      ["/v1/hold", {}, 200],
      ["/v1/release", {}, 200],
      ["/v1/maintenance", { message: "Later" }, 200],
      ["/v1/maintenance", { message: null }, 200],
      ["/v1/maintenance", {}, 400],
      ["/v1/maintenance", { message: "" }, 400],
      ["/v1/maintenance", { message: "x".repeat(1_001) }, 400],
      ["/v1/skip", { id: "v9" }, 200],
      ["/v1/skip", {}, 400],
      ["/v1/skip", { id: 9 }, 400],
      ["/v1/pin", {}, 400],
      ["/v1/pin", { id: "v2" }, 202],
      ["/v1/unpin", {}, 200],
      ["/v1/unpin", { id: "v2" }, 400],
      ["/v1/update", { id: "v2" }, 202],
      ["/v1/update", { force: "yes" }, 400],
      ["/v1/update", "v2", 400],
      ["/v1/rollback", { id: "v7" }, 404],
      ["/v1/rollback", { id: "v2" }, 409],
      ["/v1/doctor/fix", {}, 200],
      ["/v1/hooks/update", {}, 404],
      ["/v1/rollback", {}, 202],
    ];
    for (const [path, body, status] of posts) {
      const answer = await told(liveroll, "POST", path, body);
      assertEquals(answer.status, status, `${path} ${JSON.stringify(body)}: ${answer.text}`);
    }
    await liveroll.waitFor("roll.succeeded", { id: "v1", roll: 3 });
    assertEquals((await told(liveroll, "POST", "/v1/stop", {})).status, 202);
    assertEquals((await liveroll.end()).code, 0);
  }));

Deno.test("events come as the API says: the status first, then everything as it happens", () =>
  withApi(async (liveroll) => {
    const cut = new AbortController();
    const address = `http://127.0.0.1:${liveroll.sparePort}${STREAM}?output=true`;
    const response = await fetch(address, { signal: cut.signal });
    assertEquals(response.headers.get("content-type"), "text/event-stream");
    const update = new Cli(liveroll.home).run("update v2");
    const seen = { status: 0, event: 0, output: 0 };
    const schemas = { status: "Status", event: "LoggedEvent", output: "OutputLine" };
    let first = "";
    for await (const { name, data } of messages(response.body!)) {
      first ||= name;
      const schema = API.validator.resolve(`#/components/schemas/${schemas[name]}`);
      assertEquals(API.validator.validate(data, schema), [], name);
      seen[name]++;
      if (name === "status" && data.current?.id === "v2" && seen.output > 0) break;
    }
    assertEquals(first, "status");
    assert(seen.event > 5, JSON.stringify(seen));
    assertEquals((await update).code, 0);
    cut.abort();
  }));

interface Message {
  name: "status" | "event" | "output";
  data: { current?: { id: string } | null };
}

async function* messages(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Message> {
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(part) ?? [];
      if (data !== undefined) yield { name: name as Message["name"], data: JSON.parse(data) };
    }
  }
}
