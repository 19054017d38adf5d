import { assert, assertEquals, assertMatch } from "@std/assert";
import { LABELS } from "../../src/runtime/container/labels.ts";
import { WAITS } from "../helpers/container_app.ts";
import { ContainerHost, type Seen } from "../helpers/container_host.ts";
import { dockerWorks } from "../helpers/docker.ts";
import { Home } from "../helpers/home.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { needs } from "../helpers/skip.ts";

const ALL_SORTS = { keepAlive: 2, fresh: 2, posts: 1, pauseMs: 20 };

const CLAIMS: Readonly<Record<string, (host: ContainerHost) => Promise<void>>> = {
  "a tag that was moved is rolled to, under load, without a failed request": async (host) => {
    const v1 = await host.images.push("v1", { tags: ["latest"] });
    using gate = new Gate();
    await host.serving(gate, async (liveroll) => {
      const [first] = await host.containersWhen((all) => all.every(isCommitted));
      assertEquals(first?.version, `latest@${v1}`);
      assertEquals(first?.image, `${host.images.repository}@${v1}`);
      assertMatch(first?.places.join(" ") ?? "", /^127\.0\.0\.1:\d+$/);
      assertEquals(labelsOf(first), { digest: v1, roll: "1", role: "replica", replica: "0" });
      await using load = new Load(liveroll.port, ALL_SORTS);
      await load.sees("v1");
      const { since, id } = await host.offer(liveroll, "v2", { command: WAITS });
      await liveroll.waitFor("roll.candidate", {}, since);
      const inGate = (await host.containers()).find(({ version }) => version === id);
      assertEquals([inGate?.state, inGate?.restartPolicy], ["running", "no"]);
      gate.open();
      await load.sees("v2");
      const [second, ...others] = await host.containersWhen(isAllOf(id, 1));
      assertNoneFailed(await load.stop());
      assertEquals([second?.id, others], [inGate?.id, []]);
    });
  },

  "three copies at once, all of them new before one of the old ones goes": async (host) => {
    await host.images.push("v1", { tags: ["latest"] });
    using gate = new Gate({ replicas: "3" });
    await host.serving(gate, async (liveroll) => {
      const before = await host.containersWhen((all) => all.every(isCommitted));
      assertEquals(before.map((one) => labelsOf(one).replica), ["0", "1", "2"]);
      await using load = new Load(liveroll.port, ALL_SORTS);
      await load.sees("v1");
      const { since, id } = await host.offer(liveroll, "v2", { command: WAITS });
      await host.containersWhen((all) =>
        all.length === 6 && all.every(({ state }) => state === "running")
      );
      gate.open();
      await liveroll.waitFor("roll.switched", {}, since);
      await host.containersWhen(isAllOf(id, 3));
      await load.sees("v2");
      assertNoneFailed(await load.stop());
      assertEquals((await askedOf(liveroll.port, 12)).size, 3, "all copies get requests");
    });
  },

  "three copies one by one, never more than four, and never less than three that serve": (host) =>
    oneByOne(host, { replicas: "3", "max-surge": "1" }, { least: 3, most: 4 }),

  "one of three copies may be missing meanwhile, and one too many run, but no more": (host) =>
    oneByOne(host, { replicas: "3", "max-surge": "1", "max-unavailable": "1" }, {
      least: 2,
      most: 4,
    }),

  "one that ends after it was proven comes back, one that ignores TERM is killed in time": async (
    host,
  ) => {
    await host.images.push("v1", { tags: ["latest"], behaviour: { onTerm: "ignore" } });
    await host.serving({ flags: { "stop-timeout": "1s" } }, async (liveroll) => {
      await using load = new Load(liveroll.port, { keepAlive: 1, fresh: 1, pauseMs: 20 });
      await load.sees("v1");
      const v2 = await host.offer(liveroll, "v2");
      const { outcome } = await liveroll.waitFor("instance.stopped", {}, v2.since);
      assertEquals(outcome, "killed");
      const [{ places: [place] }] = await host.containersWhen(isAllOf(v2.id, 1)) as [Seen];
      await fetch(`http://${place}/crash?code=0`).catch(() => {});
      await liveroll.waitForText("container.died", v2.since);
      await liveroll.waitForText("container.back", v2.since);
      const v3 = await host.offer(liveroll, "v3");
      await liveroll.waitFor("roll.succeeded", { id: v3.id }, v3.since);
      await host.containersWhen(isAllOf(v3.id, 1));
      assertNoneFailed(await load.stop());
      assertEquals(liveroll.events("instance.exited"), []);
    });
  },

  "one of three copies that hangs gets no requests until it is well again": async (host) => {
    await host.images.push("v1", { tags: ["latest"] });
    const liveness = { "liveness-interval": "200ms", "health-probe-timeout": "2s" };
    await host.serving({ flags: { replicas: "3", ...liveness } }, async (liveroll) => {
      const [hung] = await host.containersWhen((all) => all.length === 3 && all.every(isCommitted));
      const pid = await host.engine.docker("inspect", "--format", "{{.State.Pid}}", hung!.id);
      await using load = new Load(liveroll.port, ALL_SORTS);
      await load.sees("v1");
      Deno.kill(Number(pid), "SIGSTOP");
      await liveroll.waitForText("container.set_aside");
      assertEquals((await askedOf(liveroll.port, 8)).size, 2);
      Deno.kill(Number(pid), "SIGCONT");
      await liveroll.waitForText("container.well_again");
      assertEquals((await askedOf(liveroll.port, 12)).size, 3);
      assertNoneFailed(await load.stop());
      assertEquals(liveroll.events("instance.exited"), []);
    });
  },

  "a volume that two copies could write to: one at a time, and requests wait": async (host) => {
    await host.images.push("v1", { tags: ["latest"] });
    const flags = { "run-options": "--volume shared:/data" };
    await host.serving({ flags }, async (liveroll) => {
      await using load = new Load(liveroll.port, ALL_SORTS);
      await load.sees("v1");
      const began = new Date().toISOString();
      const { id } = await host.offer(liveroll, "v2");
      await load.sees("v2");
      await host.containersWhen(isAllOf(id, 1));
      assertNoneFailed(await load.stop());
      assertEquals(await crowd(host, began, 1), { least: 0, most: 1 });
    });
  },

  "the newest of semantic versions is chosen, and only images nobody needs are removed": async (
    host,
  ) => {
    const { images } = host;
    const others = [await host.pull("stranger"), await host.pull("1.0.0")];
    for (const tag of ["1.2.0-rc.1", "1.1.0"]) await images.push(tag);
    const flags = {
      image: images.repository,
      registry: `img://${images.repository}`,
      "keep-images": "1",
    };
    await host.serving({ flags }, async (liveroll) => {
      assertEquals((await liveroll.ask()).text, "1.1.0");
      const used = await host.containers();
      for (const version of ["1.1.1", "1.3.0", "1.4.0"]) {
        const digest = await images.push(version);
        liveroll.signal("SIGHUP");
        used.push(...await host.containersWhen(isAllOf(`${version}@${digest}`, 1)));
      }
      await liveroll.waitForText("image.removed");
      const left = await host.imageIds();
      const [oldest, ...kept] = used.map(({ imageId }) => imageId);
      assertEquals(left.has(oldest!), false);
      for (const id of [...kept, ...others]) assert(left.has(id));
    });
  },
};

/** Versions that wait serve when it opens. */
class Gate implements Disposable {
  readonly home = new Home();
  readonly flags: Record<string, string>;

  constructor(flags: Record<string, string> = {}) {
    const mount = `--volume ${this.home.workspace.dir}:/flags:ro`;
    this.flags = { "run-options": mount, ...flags };
  }

  open(): void {
    Deno.writeTextFileSync(`${this.home.workspace.dir}/go`, "");
  }

  [Symbol.dispose](): void {
    this.home[Symbol.dispose]();
  }
}

const docker = await dockerWorks();

Deno.test({
  name: "containers are rolled on a real engine",
  ...needs(docker),
  fn: async (test) => {
    await using host = await ContainerHost.start();
    for (const [claim, prove] of Object.entries(CLAIMS)) {
      await test.step(claim, () => prove(host));
    }
  },
});

function isCommitted({ restartPolicy }: Seen): boolean {
  return restartPolicy === "unless-stopped";
}

function isAllOf(id: string, count: number): (all: Seen[]) => boolean {
  return (all) =>
    all.length === count && all.every((one) => one.version === id && isCommitted(one));
}

function labelsOf(container: Seen | undefined): Record<string, string | undefined> {
  const label = (name: keyof typeof LABELS) => container?.labels[LABELS[name]];
  const [digest, roll, role] = [label("digest"), label("roll"), label("role")];
  return { digest, roll, role, replica: label("replica") };
}

/** The names of the containers that answer `count` requests. */
async function askedOf(port: number, count: number): Promise<Set<string>> {
  const names = new Set<string>();
  for (let n = 0; n < count; n++) {
    const response = await fetch(`http://127.0.0.1:${port}/env`);
    names.add((await response.json()).HOSTNAME);
  }
  return names;
}

/** Rolls as `flags` say, and counts how many served at least, and ran at most. */
async function oneByOne(
  host: ContainerHost,
  flags: Record<string, string>,
  allowed: { least: number; most: number },
): Promise<void> {
  await host.images.push("v1", { tags: ["latest"] });
  await host.serving({ flags }, async (liveroll) => {
    await host.containersWhen((all) => all.every(isCommitted));
    await using load = new Load(liveroll.port, ALL_SORTS);
    await load.sees("v1");
    const began = new Date().toISOString();
    const { id } = await host.offer(liveroll, "v2", { behaviour: { startDelayMs: 300 } });
    const fresh = await host.containersWhen(isAllOf(id, 3));
    await load.sees("v2");
    assertNoneFailed(await load.stop());
    const { most } = await crowd(host, began, 3);
    assertEquals({ least: await leastServing(host, began, fresh), most }, allowed);
  });
}

/** How many served at the same time at least since `began`, when there were as many as now. */
async function leastServing(
  { engine }: ContainerHost,
  began: string,
  fresh: readonly Seen[],
): Promise<number> {
  const words = [`--since=${began}`, `--until=${new Date().toISOString()}`, "--filter=event=kill"];
  const asked = await engine.docker("events", ...words, "--format={{.TimeNano}}");
  const left = asked.split("\n").map((time) => ({ at: Number(time) / 1e6, by: -1 }));
  const came = await Promise.all(fresh.map(async ({ id }) => {
    const lines = (await engine.docker("logs", "--timestamps", id)).split("\n");
    const ready = lines.find((line) => line.includes(" ready on "))!;
    return { at: Date.parse(ready.slice(0, ready.indexOf(" "))), by: 1 };
  }));
  let count = fresh.length;
  const counts = [...left, ...came].toSorted((a, b) => a.at - b.at).map(({ by }) => count += by);
  return Math.min(fresh.length, ...counts);
}

/** How many containers ran at the same time since `began`, when there were `count`. */
async function crowd(
  { engine }: ContainerHost,
  began: string,
  count: number,
): Promise<{ least: number; most: number }> {
  const format = "{{.Action}}";
  const only = ["--filter=event=start", "--filter=event=die", `--filter=label=${LABELS.app}`];
  const range = [`--since=${began}`, `--until=${new Date().toISOString()}`];
  const text = await engine.docker("events", ...range, ...only, `--format=${format}`);
  const seen = { least: count, most: count };
  for (const action of text.split("\n")) {
    count += action === "start" ? 1 : -1;
    seen.least = Math.min(seen.least, count);
    seen.most = Math.max(seen.most, count);
  }
  return seen;
}
