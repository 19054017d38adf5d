import { assertEquals, assertThrows } from "@std/assert";
import { projectName, type ProjectNameSources } from "../../../src/compose/project_name.ts";

const NONE: ProjectNameSources = {
  option: null,
  environment: null,
  file: null,
  directory: "/srv/blog",
};

Deno.test("projectName() takes the option before the environment, the file and the directory", () => {
  const all = { option: "a", environment: "b", file: "c", directory: "/srv/d" };
  assertEquals(projectName(all), { name: "a", origin: "option" });
  assertEquals(projectName({ ...all, option: null }), { name: "b", origin: "environment" });
  assertEquals(projectName({ ...all, option: "", environment: "" }), { name: "c", origin: "file" });
  assertEquals(projectName({ ...NONE, directory: "/srv/d" }), { name: "d", origin: "directory" });
});

const DIRECTORIES: readonly [directory: string, name: string][] = [
  ["/srv/My App", "myapp"],
  ["/srv/blog.example.org/", "blogexampleorg"],
  ["/srv/_foo", "foo"],
  ["/srv/-_x-y_", "x-y_"],
  ["/srv/--volumes", "volumes"],
  ["/srv/7up", "7up"],
  ["/srv/GRÖSSE", "grsse"],
];

for (const [directory, name] of DIRECTORIES) {
  Deno.test(`projectName() makes ${name} of the directory ${directory}, as compose does`, () => {
    assertEquals(projectName({ ...NONE, directory }).name, name);
  });
}

for (const directory of ["/", "/srv/---", "/srv/日本", `/srv/${"x".repeat(64)}`]) {
  Deno.test(`projectName() wants to be told a name for ${directory}`, () => {
    assertThrows(
      () => projectName({ ...NONE, directory }),
      Error,
      `Cannot name a project after the directory ${directory}: give a name`,
    );
  });
}

const REFUSED: readonly [name: string, better: string | null][] = [
  ["--volumes", "volumes"],
  ["-p", "p"],
  ["_foo", "foo"],
  ["-_x", "x"],
  ["My App", "myapp"],
  ["a/../b", "ab"],
  ["a\nb", "ab"],
  ["---", null],
  ["x".repeat(64), "x".repeat(63)],
];

for (const [name, better] of REFUSED) {
  Deno.test(`projectName() does not bend ${JSON.stringify(name)}: it says what would do`, () => {
    const error = assertThrows(() => projectName({ ...NONE, option: name }), Error);
    assertEquals(
      error.message,
      `Cannot use ${
        JSON.stringify(name)
      } as project name (--project-name): it has to begin with a ` +
        "small letter or a digit, and to have only these, _ and -, 63 at most" +
        (better === null ? "" : `; ${better} would do`),
    );
  });
}

Deno.test("projectName() says where a bad name stands", () => {
  assertThrows(() => projectName({ ...NONE, environment: "A" }), Error, "(COMPOSE_PROJECT_NAME)");
  assertThrows(() => projectName({ ...NONE, file: "A" }), Error, "(name: in the compose file)");
});
