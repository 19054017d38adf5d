import { assertEquals } from "@std/assert";
import { check } from "../../../src/commands/check.ts";
import { resolveOptions } from "../../../src/config/resolve.ts";
import { fakeIo } from "./fake_io.ts";

function lines(args: string[], env: Record<string, string>, file: string): string[] {
  const resolution = resolveOptions({ args, env, readFile: () => file });
  if (resolution.kind !== "check") throw new Error(Deno.inspect(resolution));
  const io = fakeIo();
  assertEquals(check(resolution.resolved, io), 0);
  return io.printed;
}

Deno.test("check prints every effective value and where it comes from, aligned", () => {
  const args = ["--check", "--exec=a\nb", "--healthcheck=up", "--config=blog.yaml"];
  const printed = lines(args, { LIVEROLL_ID: "cat id" }, "pull: git pull\ndrain-timeout: 5s\n");
  assertEquals(printed.slice(0, 7), [
    "config ok",
    "",
    "  --pull                   blog.yaml:1  git pull",
    "  --id                     LIVEROLL_ID  cat id",
    '  --exec                   flag         "a\\nb"',
    "  --stop                   default      (none)",
    "  --interval               default      10s",
  ]);
  assertEquals(printed.includes("  --healthcheck            flag         /up"), true);
  assertEquals(printed.includes("  --drain-timeout          blog.yaml:2  5s"), true);
  assertEquals(printed.includes("  --health-timeout         default      60s"), true);
  assertEquals(printed.includes("  --trusted-proxies        default      (none)"), true);
});
