import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { CreateBody } from "../../src/container/engine/create_body.ts";
import type { Engine } from "../../src/container/engine/engine.ts";
import { EngineError } from "../../src/container/engine/engine_error.ts";
import type { EngineEvent } from "../../src/container/engine/events.ts";
import { parseRunOptions } from "../../src/container/run_options.ts";
import { formatReference, parseReference } from "../../src/image/image_reference.ts";
import { eventually } from "./eventually.ts";

/** Ends at once on TERM, with a code that tells it from others. */
export const WAIT = "trap 'exit 5' TERM; sleep 100 & wait";
/** Of all containers that tests make. */
export const LABEL = "liveroll.test=engine";

/** An engine to be asked, and an image that it does not have yet. */
export interface Bench {
  readonly engine: Engine;
  readonly image: string;
  readonly signal: AbortSignal;
}

/** What every engine has to do, whatever its maker. */
export const CLAIMS: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
  "says what it is": async ({ engine, signal }) => {
    assertMatch((await engine.ping(signal)).version, /^\d+\.\d+/);
    const info = await engine.info(signal);
    assert(info.cpus > 0 && info.memoryBytes > 0 && info.rootDir.startsWith("/"));
  },

  "pulls an image, by tag and by digest, and tells how far it is": async (bench) => {
    const { engine: { images }, image, signal } = bench;
    assertEquals(await images.find(image, signal), null);
    const heard: number[] = [];
    const onProgress = ({ layersDone }: { layersDone: number }) => heard.push(layersDone);
    const byTag = await images.pull(parseReference(image), { login: null, onProgress }, signal);
    assertMatch(byTag.id, /^sha256:[0-9a-f]{64}$/);
    assertEquals(byTag.tags, [image]);
    assert(heard.at(-1)! > 0);
    const byDigest = parseReference(byTag.digests[0] ?? "");
    assertEquals((await images.pull(byDigest, { login: null }, signal)).id, byTag.id);
  },

  "says why it cannot pull": async ({ engine: { images }, image, signal }) => {
    const missing = parseReference(image.replace(/:\w+$/, ":nope"));
    const pull = () => images.pull(missing, { login: null }, signal);
    const error = await assertRejects(
      pull,
      EngineError,
      `Cannot pull image ${formatReference(missing)}`,
    );
    assertEquals(error.kind, "not_found");
  },

  "names, lists and removes images": async ({ engine: { images }, image, signal }) => {
    const reference = parseReference(image);
    const kept = { ...reference, tag: "kept" };
    const { id } = await images.inspect(image, signal);
    await images.tag(id, kept, signal);
    const [listed, ...others] = await images.list(reference, signal);
    assertEquals([listed?.id, others], [id, []]);
    assertEquals(listed?.tags.toSorted(), [formatReference(kept), image].toSorted());
    const ofHub = parseReference("library/liveroll-test:v1");
    await images.tag(id, { ...ofHub, tag: "v1" }, signal);
    const [onHub] = await images.list(ofHub, signal);
    assert(onHub?.tags.includes("docker.io/library/liveroll-test:v1"), `${onHub?.tags}`);
    assertEquals(await images.remove(formatReference(ofHub), signal), true);
    assertEquals(await images.remove(formatReference(kept), signal), true);
    assertEquals(await images.remove(formatReference(kept), signal), false);
    assertEquals((await images.inspect(image, signal)).tags, [image]);
  },

  "starts a container on a free port of loopback, and stops it by its signal": async (bench) => {
    const { engine: { containers }, signal } = bench;
    await withContainer(bench, "web", serving(), async (id) => {
      const info = await containers.inspect(id, signal);
      assertEquals([info.state, info.name, info.end], ["running", "web", null]);
      const [port] = info.ports;
      assertEquals([port?.container, port?.hostIp], ["8080/tcp", "127.0.0.1"]);
      assertEquals(await eventually(`http://127.0.0.1:${port?.hostPort}/version`), "v1");
      const ended = containers.wait(id, signal);
      await containers.stop(id, 20_000, signal);
      const end = await ended;
      assertEquals([end.code, end.isOutOfMemory], [5, false]);
      // Once more is no mistake.
      await containers.stop(id, 20_000, signal);
      assertEquals((await containers.inspect(id, signal)).end?.code, 5);
    });
  },

  "finds containers by their labels, under new names too": async (bench) => {
    const { engine: { containers }, signal } = bench;
    await withContainer(bench, "one", running(WAIT), async (id) => {
      await containers.rename(id, "renamed", signal);
      const [found, ...others] = await containers.list([LABEL, "role"], signal);
      assertEquals([found?.id, found?.name, found?.state], [id, "renamed", "running"]);
      assertEquals([found?.labels["role"], others], ["one", []]);
      assertEquals(await containers.list([LABEL, "role=other"], signal), []);
    });
  },

  "hands out what a container prints, stream by stream": async (bench) => {
    const { engine: { containers }, signal } = bench;
    const script = "echo one; echo two >&2; printf three";
    await withContainer(bench, "printer", running(script), async (id) => {
      const followed = await Array.fromAsync(containers.logs(id, { follow: true }, signal));
      assertEquals(followed.filter(({ stream }) => stream === "stderr").length, 1);
      await containers.wait(id, signal);
      const lines = await Array.fromAsync(containers.logs(id, {}, signal));
      const on = (wanted: string) =>
        lines.filter(({ stream }) => stream === wanted).map(({ text }) => text);
      assertEquals([on("stdout"), on("stderr")], [["one", "three"], ["two"]]);
      assertEquals((await Array.fromAsync(containers.logs(id, { tail: 1 }, signal))).length, 1);
    });
  },

  "stops following the output when it is told to": async (bench) => {
    await withContainer(bench, "talker", running(`echo one; ${WAIT}`), async (id) => {
      const enough = new AbortController();
      const lines = bench.engine.containers.logs(id, { follow: true }, enough.signal);
      assertEquals((await lines.next()).value?.text, "one");
      const reason = new Error("enough");
      enough.abort(reason);
      assertEquals(await lines.next().catch((error) => error), reason);
    });
  },

  "runs commands in a container": async (bench) => {
    const { engine: { containers }, signal } = bench;
    await withContainer(bench, "host", running(WAIT), async (id) => {
      const heard: string[] = [];
      const result = await containers.run(id, {
        command: ["/bin/busybox", "sh", "-c", "echo $A; echo no >&2; exit 4"],
        env: ["A=yes"],
        onLine: ({ stream, text }) => heard.push(`${stream} ${text}`),
      }, signal);
      assertEquals(result.code, 4);
      assertEquals(heard.toSorted(), ["stderr no", "stdout yes"]);
    });
  },

  "tells what happens to containers with a label, also what was missed": async (bench) => {
    const { engine, signal } = bench;
    const since = Date.now() - 1;
    const following = new AbortController();
    const events: EngineEvent[] = [];
    await withContainer(bench, "eventful", running("exit 3"), async (id) => {
      await engine.containers.wait(id, signal);
      const wish = { labels: [LABEL, "role=eventful"], since };
      for await (const event of engine.events(wish, following.signal)) {
        events.push(event);
        if (event.action === "died") break;
      }
    });
    assertEquals(events.map(({ action }) => action), ["created", "started", "died"]);
    assertEquals(events.at(-1)?.exitCode, 3);
    assertEquals(events.at(-1)?.name, "eventful");
  },

  "tells when memory ran out": async (bench) => {
    const memory = 16 * 1024 * 1024;
    const body = {
      ...running("busybox tail -c 200m /dev/zero"),
      HostConfig: { Memory: memory, MemorySwap: memory },
    };
    await withContainer(bench, "hungry", body, async (id) => {
      const end = await bench.engine.containers.wait(id, bench.signal);
      // Podman does not notice it everywhere; Docker tells of it after the end at times.
      const isNoticed = end.isOutOfMemory || bench.engine.version?.product === "podman" ||
        await ranOutOfMemory(bench, "hungry");
      assertEquals([end.code, isNoticed], [137, true]);
    });
  },

  "keeps its restart policy, or says that it cannot change it": async (bench) => {
    const { engine: { containers, version }, signal } = bench;
    await withContainer(bench, "steady", running(WAIT), async (id) => {
      const isChanged = await containers.setRestartPolicy(id, "unless-stopped", signal);
      assertEquals(isChanged, version?.product === "docker");
      const { restartPolicy } = await containers.inspect(id, signal);
      assertEquals(restartPolicy, isChanged ? "unless-stopped" : "no");
    });
  },

  "tells a container that cannot start from one that is not there": async (bench) => {
    const { engine: { containers }, signal } = bench;
    const created = await containers.create("broken", of(bench, ["/nowhere"]), signal);
    await assertRejects(() => containers.start(created.id, signal), EngineError, "/nowhere");
    await containers.remove(created.id, signal);
    // Gone is what was wanted.
    await containers.remove(created.id, signal);
    assertEquals(await containers.find(created.id, signal), null);
    const start = () => containers.start(created.id, signal);
    assertEquals((await assertRejects(start, EngineError)).kind, "not_found");
  },

  "makes a container as options of docker run say": async (bench) => {
    const { engine: { containers, surroundings }, signal } = bench;
    const script = "echo $A $(busybox hostname) $(busybox pwd) $(busybox id -u); " +
      "busybox grep -c 10.0.0.1 /etc/hosts; busybox touch /data/a /tmp/a && echo written; " +
      "busybox touch /a || echo refused";
    const line = "-e A=b -v liveroll-test:/data -m 64m --read-only " +
      "--tmpfs /tmp --add-host db:10.0.0.1 -h web -w /www -u 0 --pids-limit 50 -- /bin/busybox sh -c";
    const { body } = parseRunOptions([...line.split(" "), script], {
      env: {},
      cwd: "/",
      readTextFile: Deno.readTextFileSync,
    });
    await withContainer(bench, "optional", body, async (id) => {
      await containers.wait(id, signal);
      const lines = await Array.fromAsync(containers.logs(id, {}, signal));
      const said = lines.filter(({ stream }) => stream === "stdout").map(({ text }) => text);
      assertEquals(said, ["b web /www 0", "1", "written", "refused"]);
      const mounts = (await containers.inspect(id, signal)).mounts;
      const data = mounts.find(({ target }) => target === "/data");
      assertEquals([data?.name, data?.isWritable], ["liveroll-test", true]);
      assertEquals((await surroundings.volume("liveroll-test", signal)).driver, "local");
    });
  },

  "refuses a name that is taken": async (bench) => {
    const { engine: { containers }, signal } = bench;
    await withContainer(bench, "taken", running(WAIT), async () => {
      const create = () => containers.create("taken", of(bench, ["/bin/true"]), signal);
      const error = await assertRejects(create, EngineError, "Cannot create container taken: ");
      assert(error.kind === "conflict" || bench.engine.version?.product === "podman", error.kind);
    });
  },

  "knows networks and volumes": async ({ engine: { surroundings }, signal }) => {
    assertEquals((await surroundings.network("bridge", signal)).driver, "bridge");
    const look = () => surroundings.volume("nowhere", signal);
    assertEquals((await assertRejects(look, EngineError)).kind, "not_found");
  },
};

/** What runs `script` in a shell. */
export function running(script: string): Omit<CreateBody, "Image"> {
  return { Cmd: ["/bin/busybox", "sh", "-c", script] };
}

function serving(): Omit<CreateBody, "Image"> {
  return {
    ...running("trap 'kill $!; exit 5' TERM; busybox httpd -f -p 8080 -h /www & wait"),
    ExposedPorts: { "8080/tcp": {} },
    HostConfig: { PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] } },
  };
}

function of({ image }: Bench, command: readonly string[]): CreateBody {
  return { Image: image, Cmd: command };
}

/** Runs `test` with a started container, which is removed then. */
export async function withContainer(
  { engine: { containers }, image, signal }: Bench,
  name: string,
  body: Omit<CreateBody, "Image">,
  test: (id: string) => Promise<void>,
): Promise<void> {
  const [key = "", value = ""] = LABEL.split("=");
  const Labels = { [key]: value, role: name };
  const { id } = await containers.create(name, { ...body, Image: image, Labels }, signal);
  try {
    await containers.start(id, signal);
    await test(id);
  } finally {
    await containers.remove(id, signal);
  }
}

/** Whether the engine tells so of the container of that role, which has ended; bounded. */
async function ranOutOfMemory({ engine }: Bench, role: string): Promise<boolean> {
  const wish = { labels: [LABEL, `role=${role}`], since: 1 };
  try {
    for await (const { action } of engine.events(wish, AbortSignal.timeout(10_000))) {
      if (action === "out_of_memory") return true;
    }
  } catch {
    // It has said nothing of it in time.
  }
  return false;
}
