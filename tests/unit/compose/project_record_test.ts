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
const DIRECTORY = "com.docker.compose.project.working_dir";

Deno.test("two stacks of one name are seen by the labels of their containers", () => {
  const conflict = (...labels: Record<string, string>[]) => projectConflict(RECORD, "blog", labels);
  assertEquals(conflict(), null);
  assertEquals(conflict({}, { "liveroll.app": "blog", [DIRECTORY]: "/srv/blog" }), null);
  assertEquals(
    conflict({}, { "liveroll.app": "shop", [DIRECTORY]: "/srv/blog" }),
    "the project blog belongs to shop, another app of liveroll",
  );
  assertEquals(
    conflict({ [DIRECTORY]: "/home/me/blog" }),
    "the project blog is already in use for /home/me/blog",
  );
});

Deno.test("services of one project may be updated by one app each", () => {
  const others = [{ "liveroll.app": "shop", "com.docker.compose.service": "api" }];
  const conflict = (services: readonly string[]) =>
    projectConflict({ name: "blog", directory: "/srv" }, "blog", others, services);
  assertEquals([conflict(["web"]), conflict(["web", "api"]) === null], [null, false]);
});
