import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { Overrides } from "../../../src/compose/override.ts";
import { createRevision, overrideText } from "../../../src/compose/revision.ts";
import { TempDirectory } from "../artifact/temp_directory.ts";

const OLD = `repo/web@sha256:${"1".repeat(64)}`;
const NEW = `repo/web@sha256:${"2".repeat(64)}`;

Deno.test("an override names images by digest, ports on loopback, and our labels", () => {
  const revision = createRevision({ web: NEW, job: `sha256:${"3".repeat(64)}` }, {
    ports: { web: [8080] },
    labels: { app: "blog", note: "5$" },
  });
  const labels = { "liveroll.app": "blog", "liveroll.note": "5$$" };
  assertEquals(JSON.parse(overrideText(revision)), {
    services: {
      job: { image: `sha256:${"3".repeat(64)}`, labels },
      web: { image: NEW, ports: ["127.0.0.1::8080"], labels },
    },
  });
});

Deno.test("what was verified is not pulled once more, where the file would have that", async () => {
  const revision = createRevision({ web: NEW }, { ports: { job: [] }, unpulled: ["web", "job"] });
  const { services } = JSON.parse(overrideText(revision));
  assertEquals([services.web.pull_policy, services.job.pull_policy], ["never", "never"]);
  using home = new TempDirectory();
  const overrides = await Overrides.open(home.path);
  await overrides.desire(revision);
  assertEquals(await overrides.read("desired"), revision);
});

for (const image of ["web", "web:1", "registry:5000/web"]) {
  Deno.test(`createRevision() does not take ${image} for one certain image`, () => {
    assertThrows(
      () => createRevision({ web: image }),
      Error,
      `Cannot run ${JSON.stringify(image)} as web: an image has to be named by its digest`,
    );
  });
}

for (const image of ["", "web@sha256:1", `web:1 @sha256:${"1".repeat(64)}`, "1".repeat(64)]) {
  Deno.test(`createRevision() does not take ${JSON.stringify(image)} for an image`, () => {
    assertThrows(() => createRevision({ web: image }), SyntaxError);
  });
}

Deno.test("a revision has the same id for the same content, in any order", () => {
  const one = createRevision({ a: OLD, b: NEW }, { labels: { x: "1", y: "2" } });
  assertEquals(createRevision({ b: NEW, a: OLD }, { labels: { y: "2", x: "1" } }).id, one.id);
  assertNotEquals(createRevision({ a: NEW, b: NEW }, { labels: { x: "1", y: "2" } }).id, one.id);
});

Deno.test("what is desired and what is applied are kept apart, in private files", async () => {
  using home = new TempDirectory();
  const directory = `${home.path}/compose`;
  const overrides = await Overrides.open(directory);
  assertEquals([await overrides.read("desired"), await overrides.read("applied")], [null, null]);

  const [old, next] = [createRevision({ web: OLD }), createRevision({ web: NEW })];
  await overrides.desire(old);
  await overrides.applied(old);
  const path = await overrides.desire(next);
  assertEquals(path, overrides.pathOf(next));
  assertEquals(Deno.readTextFileSync(path), overrideText(next));
  const again = await Overrides.open(directory);
  assertEquals([await again.read("desired"), await again.read("applied")], [next, old]);
  assertEquals(Deno.readTextFileSync(again.pathOf(old)), overrideText(old), "still what runs");

  await again.applied(next);
  const names = [`override-${next.id}.json`, "applied.json", "desired.json"].toSorted();
  assertEquals(home.names("compose"), names);
  const mode = (path: string) => Deno.statSync(path).mode! & 0o777;
  assertEquals([mode(directory), ...names.map((name) => mode(`${directory}/${name}`))], [
    0o700,
    0o600,
    0o600,
    0o600,
  ]);
});

Deno.test("the way back is there until something else is applied", async () => {
  using home = new TempDirectory();
  const overrides = await Overrides.open(home.path);
  const [old, next] = [createRevision({ web: OLD }), createRevision({ web: NEW })];
  await overrides.applied(old);
  await overrides.desire(next);
  await overrides.applied(old);
  assertEquals(Deno.readTextFileSync(overrides.pathOf(next)), overrideText(next), "still wanted");
  await overrides.desire(old);
  await overrides.applied(old);
  assertEquals(home.names(), ["applied.json", "desired.json", `override-${old.id}.json`]);
});

Deno.test("override files are not put where others can write", async () => {
  using home = new TempDirectory();
  const directory = `${home.path}/compose`;
  Deno.mkdirSync(directory);
  Deno.chmodSync(directory, 0o777);
  const message = `Cannot keep override files in ${directory}: `;
  await assertRejects(() => Overrides.open(directory), Error, `${message}others can write to it`);
  Deno.removeSync(directory);
  Deno.symlinkSync(home.path, directory);
  await assertRejects(() => Overrides.open(directory), Error, `${message}it is not a directory`);
});

Deno.test("a damaged record is not taken for none", async () => {
  using home = new TempDirectory();
  const overrides = await Overrides.open(home.path);
  Deno.writeTextFileSync(`${home.path}/applied.json`, '{"images":{"web":"web:1"}}');
  await assertRejects(() => overrides.read("applied"), Error, `${home.path}/applied.json`);
});
