import { assertEquals, assertThrows } from "@std/assert";
import { type InheritedSocket, inheritedSockets } from "../../../src/handover/inherited_sockets.ts";

function read(variables: Record<string, string>): { sockets: InheritedSocket[]; said: string[] } {
  const said: string[] = [];
  const sockets = inheritedSockets({
    env: (name) => variables[name],
    pid: 42,
    onWarning: (message) => said.push(message),
  });
  return { sockets, said };
}

const listen = (fd: number, name: string | null): InheritedSocket => ({
  fd,
  name,
  port: null,
  from: "LISTEN_FDS",
});
const starter = (fd: number, port: number | null): InheritedSocket => ({
  fd,
  name: null,
  port,
  from: "SERVER_STARTER_PORT",
});

Deno.test("without the variables there are no sockets", () => {
  assertEquals(read({}), { sockets: [], said: [] });
  assertEquals(read({ LISTEN_FDS: "", SERVER_STARTER_PORT: "" }), { sockets: [], said: [] });
  assertEquals(read({ LISTEN_FDS: "0", LISTEN_PID: "42" }), { sockets: [], said: [] });
});

Deno.test("LISTEN_FDS counts from 3, with the names that there are", () => {
  const { sockets } = read({ LISTEN_FDS: "3", LISTEN_PID: "42", LISTEN_FDNAMES: "http::admin" });
  assertEquals(sockets, [listen(3, "http"), listen(4, null), listen(5, "admin")]);
  assertEquals(read({ LISTEN_FDS: "1", LISTEN_PID: "42" }).sockets, [listen(3, null)]);
});

Deno.test("LISTEN_FDS of another process is left alone, and said so", () => {
  const { sockets, said } = read({ LISTEN_FDS: "1", LISTEN_PID: "41" });
  assertEquals(sockets, []);
  assertEquals(said, [
    "LISTEN_FDS is for process 41 and this is 42: its sockets are left alone. A script that " +
    "starts the program has to use exec",
  ]);
});

Deno.test("LISTEN_FDS of nobody in particular is left alone, and said so", () => {
  const { sockets, said } = read({ LISTEN_FDS: "1" });
  assertEquals(sockets, []);
  assertEquals(said, [
    "LISTEN_FDS is for nobody (LISTEN_PID is not set) and this is 42: its sockets are left alone. " +
    "A script that starts the program has to use exec",
  ]);
});

Deno.test("SERVER_STARTER_PORT names ports with or without hosts, and unix sockets", () => {
  const { sockets } = read({ SERVER_STARTER_PORT: "8080=3;127.0.0.1:8081=4;[::1]:80=5;/run/a=6" });
  assertEquals(sockets, [starter(3, 8080), starter(4, 8081), starter(5, 80), starter(6, null)]);
});

Deno.test("the service manager comes before Server::Starter", () => {
  const { sockets } = read({ LISTEN_FDS: "1", LISTEN_PID: "42", SERVER_STARTER_PORT: "80=9" });
  assertEquals(sockets, [listen(3, null), starter(9, 80)]);
});

Deno.test("variables that cannot be understood are refused with what they say", () => {
  const cases = [
    [{ LISTEN_FDS: "many" }, 'Cannot use LISTEN_FDS: "many" has no whole number'],
    [{ LISTEN_FDS: "-1" }, 'Cannot use LISTEN_FDS: "-1" has no whole number'],
    [{ SERVER_STARTER_PORT: "8080" }, 'Cannot use SERVER_STARTER_PORT: "8080" has no'],
    [{ SERVER_STARTER_PORT: "80=x" }, 'Cannot use SERVER_STARTER_PORT: "80=x" has no'],
  ] as const;
  for (const [variables, why] of cases) assertThrows(() => read(variables), TypeError, why);
});
