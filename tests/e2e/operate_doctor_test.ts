import { assertEquals, assertMatch } from "@std/assert";
import type { DoctorReport } from "../../src/control/operator.ts";
import { Cli } from "../helpers/cli.ts";
import { withLiveroll } from "../helpers/liveroll.ts";
import { inspect } from "../helpers/proc.ts";

Deno.test("doctor tells what was left behind, and --fix ends it and nothing else", () =>
  withLiveroll({}, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    const [old] = [...liveroll.children().keys()];
    await liveroll.rollAndRetire("v2");
    // As a process that got away from v1 when that was stopped.
    await using stray = new Stray({ ...liveroll.home.env, LIVEROLL_INSTANCE: old ?? "" });
    const sick = await cli.run("doctor");
    assertEquals([sick.code, sick.stderr], [1, ""]);
    assertEquals(
      sick.stdout,
      [
        `warning  pid ${stray.pid} (sleep) was left behind by i1 (left_behind)\n`,
        "         --fix would: end it\n",
      ].join(""),
    );
    const { findings } = JSON.parse((await cli.run("doctor --json")).stdout) as DoctorReport;
    assertEquals(findings.map(({ code, severity }) => [code, severity]), [[
      "left_behind",
      "warning",
    ]]);
    const fixed = await cli.run("doctor --fix");
    assertEquals(fixed.code, 0);
    assertMatch(
      fixed.stdout,
      new RegExp(`^fixed +pid ${stray.pid} \\(sleep\\): stopped\nall is well\n$`),
    );
    assertEquals(inspect(stray.pid), null);
    assertEquals((await liveroll.ask()).text, "v2");
    assertEquals((await cli.run("doctor")).code, 0);
  }));

Deno.test("doctor leaves strangers alone, and says what they are in the way of", () =>
  withLiveroll({}, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    using _ = Deno.listen({ hostname: "127.0.0.1", port: liveroll.childPorts[1] });
    for (const line of ["doctor", "doctor --fix"]) {
      const { code, stdout } = await cli.run(line);
      assertEquals(code, 1, line);
      const port = liveroll.childPorts[1];
      const words = `^error +pid ${Deno.pid} \\(\\S+\\) listens on child port ${port} and is none`;
      assertMatch(stdout, new RegExp(words), line);
    }
  }));

/** A process that sleeps until it is ended. */
class Stray implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  constructor(env: Record<string, string>) {
    this.#child = new Deno.Command("sleep", { args: ["600"], env, detached: true }).spawn();
  }

  get pid(): number {
    return this.#child.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
  }
}
