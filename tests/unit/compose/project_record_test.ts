import { assertEquals, assertRejects } from "@std/assert";
import {
  keepProjectName,
  projectConflict,
  readProjectRecord,
} from "../../../src/compose/project_record.ts";
import { TempDirectory } from "../artifact/temp_directory.ts";

const BLOG = { name: "blog", origin: "directory" } as const;

Deno.test("the name of a project is written down once, and stays", async () => {
  using home = new TempDirectory();
  const path = `${home.path}/project.json`;
  assertEquals(await readProjectRecord(path), null);
  const made = await keepProjectName(path, BLOG, "/srv/blog");
  assertEquals(made, { name: "blog", directory: "/srv/blog" });
  assertEquals(await keepProjectName(path, BLOG, "/srv/elsewhere"), made);
  assertEquals(await readProjectRecord(path), made);
  await assertRejects(
    () => keepProjectName(path, { name: "shop", origin: "option" }, "/srv/blog"),
    Error,
    `Cannot use the project name shop: the stack was started as blog, and would be left running; ` +
      `give --project-name blog, or stop it and remove ${path}`,
  );
  assertEquals(await readProjectRecord(path), made);
});

Deno.test("a record that is damaged is not taken for none", async () => {
  using home = new TempDirectory();
  const path = `${home.path}/project.json`;
  for (const text of ["", "{}", "null", '{"name":1}']) {
    Deno.writeTextFileSync(path, text);
    await assertRejects(() => keepProjectName(path, BLOG, "/srv/blog"), Error, `read ${path}`);
  }
});

const RECORD = { name: "blog", directory: "/srv/blog" };
const ASKER = { app: "blog", state: "s1", directory: "/srv/blog", services: ["web"] };
const DIRECTORY = "com.docker.compose.project.working_dir";
const SERVICE = "com.docker.compose.service";
const OURS = { [SERVICE]: "web", "liveroll.app": "blog", "liveroll.state": "s1" };

Deno.test("two stacks of one name are seen by the labels of their containers", () => {
  const conflict = (...labels: Record<string, string>[]) => projectConflict(RECORD, ASKER, labels);
  assertEquals(conflict(), null);
  assertEquals(conflict({}, { ...OURS, [DIRECTORY]: "/srv/blog" }), null);
  assertEquals(
    conflict({}, { ...OURS, "liveroll.app": "shop", [DIRECTORY]: "/srv/blog" }),
    "the project blog belongs to shop, another app of liveroll",
  );
  assertEquals(
    conflict({ [DIRECTORY]: "/home/me/blog" }),
    "the project blog is already in use for /home/me/blog",
  );
  // An app of the same name, which knows nothing of us.
  assertEquals(
    conflict({ ...OURS, "liveroll.state": "s2", [DIRECTORY]: "/home/me/blog" }),
    "the project blog is already in use for /home/me/blog",
  );
});

Deno.test("services of one project may be updated by one app each", () => {
  const others = [{ "liveroll.app": "shop", [SERVICE]: "api" }];
  const conflict = (services: readonly string[]) =>
    projectConflict(RECORD, { ...ASKER, services }, others);
  assertEquals([conflict(["web"]), conflict(["web", "api"]) === null], [null, false]);
});

Deno.test("a stack that is moved stays ours, before and after its containers are replaced", () => {
  const moved = { ...ASKER, directory: "/data/blog" };
  const db = { [SERVICE]: "db", [DIRECTORY]: "/srv/blog" };
  for (const directory of ["/srv/blog", "/data/blog", "/between"]) {
    assertEquals(projectConflict(RECORD, moved, [{ ...OURS, [DIRECTORY]: directory }, db]), null);
  }
  // When nothing of ours is there, both places are.
  assertEquals(projectConflict(RECORD, moved, [db, { [DIRECTORY]: "/data/blog" }]), null);
});

Deno.test("a directory is the same by another name", () => {
  using home = new TempDirectory();
  Deno.mkdirSync(`${home.path}/blog`);
  Deno.symlinkSync("blog", `${home.path}/link`);
  const directory = `${home.path}/blog`;
  const labels = [{ [SERVICE]: "web", [DIRECTORY]: `${home.path}/link` }];
  const conflict = projectConflict({ ...RECORD, directory }, { ...ASKER, directory }, labels);
  assertEquals(conflict, null);
});
