import { assertEquals } from "@std/assert";
import { INSTANCE_VARIABLE } from "../../../src/platform/escapees.ts";
import { misfitOf } from "../../../src/runtime/misfit.ts";
import { linux, needs } from "../../helpers/skip.ts";

const BEHIND_PROXY = undefined;
const ACCEPTS = "it accepts from the public socket itself";
const LACKS = "it does not have the public socket";

const FITS: [string, Parameters<typeof isHeldBy>[0], string | null][] = [
  ["nobody has it", [false], LACKS],
  ["of a shell and its server one has it", [false, true], null],
  ["all have it", [true], null],
  ["it may not be asked", [null], null],
  ["it is gone", [], null],
];

const PROXIED: [string, Record<string, string>[], string | null][] = [
  ["a server that knows a port only", [{ PORT: "8001" }], null],
  ["one that was told by SERVER_STARTER_PORT", [{ SERVER_STARTER_PORT: "80=3" }], ACCEPTS],
  ["one that was told by LISTEN_FDS, below a shell", [{}, { LISTEN_FDS: "1" }], ACCEPTS],
  ["one that is gone", [], null],
];

/** Processes of one instance, in the order of their numbers. */
function started(environments: readonly Record<string, string>[]) {
  const token = crypto.randomUUID();
  const children = environments.map((env) =>
    new Deno.Command("sleep", { args: ["60"], env: { ...env, [INSTANCE_VARIABLE]: token } })
      .spawn()
  );
  return {
    token,
    pids: children.map(({ pid }) => pid),
    async [Symbol.asyncDispose]() {
      for (const child of children) child.kill("SIGKILL");
      await Promise.all(children.map(({ status }) => status));
    },
  };
}

/** What is known of the processes with `pids`, in this order. */
function isHeldBy(answers: readonly (boolean | null)[], pids: readonly number[]) {
  return (pid: number) => answers[pids.indexOf(pid)] ?? null;
}

for (const [what, answers, expected] of FITS) {
  Deno.test({
    name: `an instance under sockets that are held: ${what}`,
    ...needs(linux()),
    async fn() {
      await using instance = started(answers.map(() => ({})));
      const sockets = { isHeldBy: isHeldBy(answers, instance.pids) };
      assertEquals(await misfitOf(instance.token, sockets), expected);
    },
  });
}

for (const [what, environments, expected] of PROXIED) {
  Deno.test({
    name: `an instance that a proxy is to stand before: ${what}`,
    ...needs(linux()),
    async fn() {
      await using instance = started(environments);
      assertEquals(await misfitOf(instance.token, BEHIND_PROXY), expected);
    },
  });
}
