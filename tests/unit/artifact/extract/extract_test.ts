import { assertEquals, assertRejects } from "@std/assert";
import { directory, file, hardlink, symlink, tar, tarGz } from "../../../helpers/archives.ts";
import { Workbench } from "./workbench.ts";

Deno.test("extract() makes a directory with what is in the archive", async () => {
  using bench = new Workbench();
  const entries = [directory("./"), directory("./bin/"), file("./bin/app", "run", 0o755)];
  await bench.extract("app.tar.gz", tarGz([...entries, file("./a/b/c.txt", "deep")]));
  assertEquals(bench.read("bin/app"), "run");
  assertEquals(bench.read("a/b/c.txt"), "deep");
  assertEquals(bench.leftovers(), ["release"]);
});

Deno.test("extract() keeps permissions, but nobody gets special ones", async () => {
  using bench = new Workbench();
  const entries = [
    directory("closed", 0o500),
    file("closed/file", "in it"),
    file("run", "", 0o4755),
    file("unreadable", "", 0),
    directory("sticky", 0o3755),
  ];
  await bench.extract("app.tar", tar(entries));
  assertEquals(bench.mode("run"), 0o755);
  assertEquals(bench.mode("closed"), 0o700);
  assertEquals(bench.mode("unreadable"), 0o400);
  assertEquals(bench.mode("sticky"), 0o755);
  assertEquals(bench.mode("."), 0o755);
});

Deno.test("extract() keeps links that stay inside", async () => {
  using bench = new Workbench();
  const entries = [
    file("lib/tool/cli.js", "tool"),
    symlink("lib/.bin/tool", "../tool/cli.js"),
    symlink("latest", "lib/tool"),
    symlink("later", "not/there/yet"),
    hardlink("copy.js", "lib/tool/cli.js"),
  ];
  await bench.extract("app.tgz", tarGz(entries));
  assertEquals(bench.read("lib/.bin/tool"), "tool");
  assertEquals(bench.read("latest/cli.js"), "tool");
  assertEquals(Deno.readLinkSync(`${bench.release}/later`), "not/there/yet");
  assertEquals(Deno.lstatSync(`${bench.release}/copy.js`).nlink, 2);
});

Deno.test("extract() leaves what is there already as it is", async () => {
  using bench = new Workbench();
  Deno.mkdirSync(bench.release);
  await assertRejects(
    () => bench.extract("app.tar", tar([file("a")])),
    Deno.errors.AlreadyExists,
    "it exists",
  );
  assertEquals(bench.leftovers(), ["release"]);
});

Deno.test("extract() leaves nothing behind when it is called off", async () => {
  using bench = new Workbench();
  const calledOff = new AbortController();
  calledOff.abort(new Error("called off"));
  await assertRejects(
    () => bench.extract("app.tar", tar([file("a")]), { signal: calledOff.signal }),
    Error,
    "called off",
  );
  assertEquals(bench.leftovers(), []);
});

Deno.test("extract() knows an archive by its name", async () => {
  using bench = new Workbench();
  await assertRejects(() => bench.extract("app.rar", tar([])), Error, "app.rar");
  await bench.extract("download", tar([file("a", "b")]), { name: "App.TAR" });
  assertEquals(bench.read("a"), "b");
});
