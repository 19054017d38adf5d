import { assertEquals, assertRejects } from "@std/assert";
import { ComposeError } from "../../../../src/compose/program/compose_error.ts";
import { findCompose } from "../../../../src/compose/program/find.ts";
import { StandIns } from "./stand_in.ts";

const NO_PLUGIN = `echo "docker: unknown command: docker compose" >&2; exit 1`;

Deno.test("findCompose() takes the plugin before the program", async () => {
  using standIns = new StandIns();
  standIns.add("docker", "echo v2.40.3-desktop.1");
  standIns.add("docker-compose", "echo 1.29.2");
  const words = ["docker", "compose"];
  assertEquals(await findCompose(standIns.env), { major: 2, text: "2.40.3", words });
  assertEquals(standIns.args, ["compose", "version", "--short"]);
});

Deno.test("findCompose() takes the program where there is no plugin, or no docker", async () => {
  using standIns = new StandIns();
  standIns.add("docker-compose", "echo 1.29.2");
  const found = { major: 1, text: "1.29.2", words: ["docker-compose"] } as const;
  assertEquals(await findCompose(standIns.env), found);
  standIns.add("docker", NO_PLUGIN);
  assertEquals(await findCompose(standIns.env), found);
});

Deno.test("findCompose() takes whatever comes after 2 for a 2", async () => {
  using standIns = new StandIns();
  standIns.add("docker", NO_PLUGIN);
  standIns.add("docker-compose", "echo 5.0.1");
  const found = await findCompose(standIns.env);
  assertEquals([found.major, found.text, found.words], [2, "5.0.1", ["docker-compose"]]);
});

Deno.test("findCompose() refuses one that is too old", async () => {
  using standIns = new StandIns();
  standIns.add("docker-compose", "echo 1.27.4");
  await assertRejects(
    () => findCompose(standIns.env),
    Error,
    "Cannot use docker-compose 1.27.4: at least 1.28 is needed, better 2",
  );
});

Deno.test("findCompose() says what to install when there is none", async () => {
  using standIns = new StandIns();
  await assertRejects(() => findCompose(standIns.env), ComposeError, "install the plugin");
});
