import { assertEquals } from "@std/assert";
import { become } from "../../../src/runtime/become.ts";

Deno.test("a program and its arguments are executed in place of the shell", () => {
  const commands = [
    "./app",
    "python3 app.py --port 8080",
    `'/opt/my app/run' "$PORT" --name="a b" \${LIVEROLL_ID}`,
    "env A=1 B='; rm' ./app -x",
  ];
  for (const command of commands) assertEquals(become(command), `exec ${command}`);
  assertEquals(become("  ./app \n"), "exec ./app");
});

Deno.test("what is more than one program, or none, is left to the shell", () => {
  const commands = [
    "cd app && ./run",
    "exec ./app",
    "./app; true",
    "./app &",
    "./app | tee log",
    "./app > log",
    "./app $(cat args)",
    "./app `cat args`",
    './app "$(cat args)"',
    "A=1 ./app",
    "echo hello",
    "./a\n./b",
    "( ./app )",
    "{ ./app; }",
    "./app *.conf",
    "./app # a comment",
    "if true; then ./app; fi",
    "",
  ];
  for (const command of commands) assertEquals(become(command), command);
});

Deno.test("a real shell becomes the program, and gives it the same arguments", async () => {
  const command = `/bin/sh -c 'echo "$LISTEN_PID $$ $0 $1"' "a b" $X`;
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `LISTEN_PID=$$ exec sh -c '${become(command).replaceAll("'", `'\\''`)}'`],
    env: { X: "c" },
  }).output();
  const [told, own, ...rest] = new TextDecoder().decode(stdout).trim().split(" ");
  assertEquals([told, rest], [own, ["a", "b", "c"]]);
});
