import { assertEquals } from "@std/assert";
import { childEnvironment } from "../../../src/platform/environment.ts";

const OWN = {
  PATH: "/bin",
  HOME: "/root",
  NOTIFY_SOCKET: "/run/systemd/notify",
  LISTEN_FDS: "1",
  LISTEN_PID: "7",
  LISTEN_FDNAMES: "http",
  WATCHDOG_USEC: "3000000",
  WATCHDOG_PID: "7",
  MAINPID: "7",
  INVOCATION_ID: "abc",
  JOURNAL_STREAM: "8:1234",
  LIVEROLL_PORT: "8080",
  LIVEROLL_OTHER: "kept",
};

Deno.test("childEnvironment leaves out what speaks to the service manager in our name", () => {
  const env = childEnvironment(OWN, { omit: ["LIVEROLL_PORT"] });
  assertEquals(env, { PATH: "/bin", HOME: "/root", INVOCATION_ID: "abc", LIVEROLL_OTHER: "kept" });
});

Deno.test("childEnvironment shows the journal only to a child that writes to it", () => {
  assertEquals(childEnvironment(OWN, { inheritsOutput: true }).JOURNAL_STREAM, "8:1234");
  assertEquals(childEnvironment(OWN).JOURNAL_STREAM, undefined);
});

Deno.test("childEnvironment lets extra variables win, even over omitted ones", () => {
  const options = { omit: ["LIVEROLL_PORT"], extra: { LIVEROLL_PORT: "9101", HOME: "/app" } };
  const env = childEnvironment(OWN, options);
  assertEquals([env.LIVEROLL_PORT, env.HOME], ["9101", "/app"]);
});
