import { assertEquals } from "@std/assert";
import { errors, REQUIRED, resolved } from "./resolving.ts";

const complaints = (args: string[], env: Record<string, string> = {}) =>
  errors([...REQUIRED, ...args], { env });
const config = (args: string[], env: Record<string, string> = {}) =>
  resolved([...REQUIRED, ...args], { env }).config;

Deno.test("the state directory: as given, of the service, of the application, here", () => {
  const dir = (args: string[], env = {}) => config(args, env).stateDir;
  assertEquals(dir(["--state-dir", "/srv/a", "--app", "b"], { STATE_DIRECTORY: "/c" }), "/srv/a");
  assertEquals(dir(["--app", "b"], { STATE_DIRECTORY: "/c:/d" }), "/c");
  assertEquals(dir(["--app", "b"]), "/var/lib/b");
  assertEquals(dir([]), ".liveroll");
});

Deno.test("the name of an application comes from its state directory", () => {
  const app = (args: string[], env = {}) => config(args, env).app;
  assertEquals(app(["--app", "blog"]), "blog");
  assertEquals(app([], { STATE_DIRECTORY: "/var/lib/shop" }), "shop");
  assertEquals(app(["--state-dir", "/srv/a b/"]), "a-b");
});

Deno.test("an application has a name that can be a part of a path", () => {
  assertEquals(complaints(["--app", "../x"]).length, 1);
});

Deno.test("an address that others can reach needs a token", () => {
  const open = ["--control-listen", "0.0.0.0:9000"];
  assertEquals(complaints(open), [
    "--control-listen: anybody who reaches this address could take control, " +
    "give --control-token-file or a loopback address",
  ]);
  config([...open, "--control-token-file", "/t"]);
  config(open, { CREDENTIALS_DIRECTORY: "/run/credentials/x" });
  for (const host of ["127.0.0.1", "127.9.9.9", "[::1]", "localhost"]) {
    config(["--control-listen", `${host}:9000`]);
  }
});

Deno.test("the control API does not share a port", () => {
  for (const port of [8080, 9101, 9102]) {
    assertEquals(complaints(["--control-listen", `127.0.0.1:${port}`]), [
      `--control-listen: port ${port} is used twice, give another one`,
    ]);
  }
});

Deno.test("what nothing would use is refused", () => {
  assertEquals(complaints(["--control-token-file", "/t"]), [
    "--control-token-file: there is no --control-listen, give one",
  ]);
  assertEquals(complaints(["--hook-timeout", "3s"]), [
    "--hook-timeout: there is no hook, give one or remove this",
  ]);
  assertEquals(complaints(["--notify-only", "--on-demand"]).length, 1);
  assertEquals(complaints(["--keep-warm", "5s", "--strategy", "recreate"]).length, 1);
});

Deno.test("some options may be given several times, in every place", () => {
  const windows = (args: string[], surroundings = {}) =>
    resolved([...REQUIRED, ...args], surroundings).config.windows.map(({ from }) => from / 60);
  assertEquals(windows(["--window", "01:00-02:00", "--window=03:00-04:00"]), [1, 3]);
  assertEquals(windows([], { env: { LIVEROLL_WINDOW: "01:00-02:00\n03:00-04:00" } }), [1, 3]);
  const file = "window:\n  - 01:00-02:00\n  - 03:00-04:00\n";
  assertEquals(windows(["--config", "blog.yaml"], { file }), [1, 3]);
});

Deno.test("a window that cannot be read names the part that is wrong", () => {
  const table: [string, string][] = [
    ["Mon-Fri", "is not a window"],
    ["Mon-Fry 09:00-10:00", '"Fry" is not a day'],
    ["09:00-25:00", '"25:00" is not a time of day'],
    ["09:00-09:00", "is never"],
    ["09:00-10:00 Europe/Berlim", '"Europe/Berlim" is not a time zone'],
    ["Mon 09-10", "is not a span of time"],
  ];
  for (const [text, part] of table) {
    const [complaint = ""] = complaints(["--window", text]);
    assertEquals(complaint.includes(part), true, complaint);
  }
});
