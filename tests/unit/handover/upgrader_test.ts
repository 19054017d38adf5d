import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { deadline } from "@std/async/deadline";
import { connect } from "node:net";
import { once } from "node:events";
import { CoordinationDirectory } from "../../../src/handover/coordination_directory.ts";
import { Door } from "../../../src/handover/door.ts";
import { isNonBlocking } from "../../../src/handover/descriptor.ts";
import { FileLock } from "../../../src/handover/file_lock.ts";
import { HandoverError } from "../../../src/handover/handover_error.ts";
import type { HeldSockets } from "../../../src/handover/held_sockets.ts";
import { Listener } from "../../../src/handover/listener.ts";
import type { InheritedSocket } from "../../../src/handover/inherited_sockets.ts";
import { openListeningSocket } from "../../../src/handover/listening_socket.ts";
import { findMeans, handoverMeans } from "../../../src/handover/means.ts";
import type { OwnerConnection } from "../../../src/handover/owner_connection.ts";
import { arrive } from "../../../src/handover/successor.ts";
import { openUpgrader } from "../../../src/handover/open_upgrader.ts";
import { foreignFunctions, greet, greeting, libc, Service } from "../../helpers/handover.ts";
import { PortClaim } from "../../helpers/ports.ts";
import { openFiles } from "../../helpers/proc.ts";
import { needs } from "../../helpers/skip.ts";
import { until } from "../platform/processes.ts";

const PATIENT = { answerTimeoutMs: 60_000 };
const FULL = needs(foreignFunctions());

function test(name: string, fn: (service: Service) => Promise<void>): void {
  Deno.test({
    name,
    ...FULL,
    async fn() {
      await using service = new Service();
      await fn(service);
    },
  });
}

async function refusal(work: () => Promise<unknown>): Promise<HandoverError> {
  return await assertRejects(work, HandoverError);
}

test("each process takes the socket over from the one before, which is told to end", async (service) => {
  // So long that nothing but a message can be what ends a step.
  let owner = await service.start("p0", PATIENT);
  for (const id of ["p1", "p2", "p3"]) {
    const next = await service.join(id, PATIENT);
    assertEquals([owner.up.state, next.up.state], ["offering", "starting"]);
    assertEquals(await service.ask(), `p${Number(id[1]) - 1}`);
    await next.up.ready();
    assertEquals(await deadline(owner.up.complete, 10_000), "handed_over");
    assertEquals([owner.up.state, next.up.state], ["retired", "owner"]);
    assert(owner.listener.closed);
    assertEquals(await service.ask(), id);
    assertEquals([...owner.said, ...next.said], []);
    owner = next;
  }
});

test("a hundred hand-overs leave no descriptor behind", async (service) => {
  let owner = await service.start("first");
  await service.ask();
  const before = openFiles(Deno.pid);
  for (let i = 0; i < 100; i++) {
    const next = await service.start(`p${i}`);
    assertEquals(await owner.up.complete, "handed_over");
    owner = next;
  }
  assertEquals(await service.ask(), "p99");
  await owner.up.alone;
  // Whoever was answered has heard the end, perhaps before our side has closed.
  await until(() => openFiles(Deno.pid) <= before);
});

/** Plays a successor by hand, until the owner has paused for it. */
async function pauseOwner(service: Service) {
  const directory = new CoordinationDirectory(service.dir);
  const { connection, handed } = await arrive(libc(), directory, { waitMs: 0, ...PATIENT });
  connection!.send({ type: "READY", id: "new" });
  const answer = await connection!.receive(10_000);
  assertEquals(answer, { message: { type: "PAUSED" }, fds: [] });
  const { fd, name, ...address } = handed[0]!;
  const { descriptors } = handoverMeans();
  const listener = Listener.adopt({ name, address, options: {}, descriptors }, fd, {
    origin: "directory",
    activated: false,
  });
  listener.serve((socket) => greet(socket, "new"));
  return {
    directory,
    connection: connection!,
    listener,
    [Symbol.dispose]() {
      connection![Symbol.dispose]();
      listener.close();
      directory[Symbol.dispose]();
    },
  };
}

test("the owner accepts nobody any more before the successor begins", async (service) => {
  const owner = await service.start("old", PATIENT);
  using successor = await pauseOwner(service);
  assertEquals([owner.up.state, owner.listener.accepting], ["paused", false]);
  const waiting = service.ask();
  await successor.listener.resume();
  assertEquals(await waiting, "new");
  successor.connection.send({ type: "SERVING" });
  assertEquals(await deadline(owner.up.complete, 10_000), "handed_over");
});

test("an owner that stops while it is paused waits for nobody", async (service) => {
  const owner = await service.start("old", PATIENT);
  using successor = await pauseOwner(service);
  successor.directory.ownerLock.tryTake();
  await deadline(owner.up.stop(), 10_000);
  assertEquals(await owner.up.complete, "handed_over");
});

test("an owner that cannot accept again lets the next process bind", async (service) => {
  const owner = await service.start("old", PATIENT);
  using successor = await pauseOwner(service);
  const broken = () => Promise.reject(new Error("no more descriptors"));
  Object.defineProperty(owner.listener, "grant", { value: broken });
  successor[Symbol.dispose]();
  assertEquals(await deadline(owner.up.complete, 10_000), "stopped");
  assertEquals(owner.said, ["Cannot hand over: no more descriptors"]);
  await service.start("new");
  assertEquals(await service.ask(), "new");
});

test("an owner that falls silent is not waited for", async (service) => {
  using directory = new CoordinationDirectory(service.dir);
  directory.ownerLock.tryTake();
  const { libc, descriptors } = handoverMeans();
  const visitors: OwnerConnection[] = [];
  const door = await Door.open(directory.nextSocketPath, descriptors, (visitor) => {
    visitors.push(visitor);
    visitor.sendWith(libc!, { type: "FDS", id: "old", sockets: [] }, []);
  });
  directory.publish();
  const { up } = await service.join("new", { answerTimeoutMs: 100 });
  assertEquals((await refusal(() => up.ready())).reason, "unreachable");
  for (const visitor of visitors) visitor[Symbol.dispose]();
  door.close();
});

test("a successor that gives up changes nothing, and the next one is served", async (service) => {
  const owner = await service.start("old");
  const failed = await service.join("failed");
  await failed.up.stop();
  assertEquals(await failed.up.complete, "stopped");
  assertEquals(await service.ask(), "old");
  await service.start("new");
  assertEquals(await owner.up.complete, "handed_over");
  assertEquals(await service.ask(), "new");
});

test("a successor that hangs is not waited for, and learns it when it wakes", async (service) => {
  const owner = await service.start("old", { readyTimeoutMs: 1 });
  const hung = await service.join("hung");
  await until(() => owner.up.state === "owner");
  const { reason, message } = await refusal(() => hung.up.ready());
  assertEquals(reason, "revoked");
  assertEquals(message, "Cannot take over: the owner did not wait any longer, and serves on");
  assertEquals([owner.up.state, hung.up.state], ["owner", "stopped"]);
  assertEquals(await service.ask(), "old");
});

test("of two successors one waits, and takes over from the other", async (service) => {
  await service.start("old");
  const first = await service.join("first");
  const second = service.join("second");
  await first.up.ready();
  assertEquals(await service.ask(), "first");
  await (await second).up.ready();
  assertEquals(await first.up.complete, "handed_over");
  assertEquals(await service.ask(), "second");
});

test("a process of another service is refused, and the owner serves on", async (service) => {
  const owner = await service.start("old", { service: "blog" });
  const before = openFiles(Deno.pid);
  const { reason, message } = await refusal(() => service.join("shop", { service: "shop" }));
  assertEquals(reason, "another_service");
  assertEquals(
    message,
    `Cannot take over: who serves in ${service.dir} is blog, and this is shop; each needs a ` +
      "directory of its own",
  );
  await until(() => owner.up.state === "owner");
  assertEquals(openFiles(Deno.pid), before);
  assertEquals(await service.ask(), "old");
  await service.start("new", { service: "blog" });
  await service.start("older", {});
});

test("a successor whose turn does not come says who is in its way", async (service) => {
  await service.start("old");
  await service.join("first");
  const { reason, message } = await refusal(() => service.join("second", { waitMs: 100 }));
  assertEquals(reason, "busy");
  assertEquals(
    message,
    `Cannot take over: process ${Deno.pid} comes up in ${service.dir} and has not been ready ` +
      "for 0.1s; end it if it hangs",
  );
});

test("waiting for one's turn ends with the signal", async (service) => {
  await service.start("old");
  await service.join("first");
  const caller = new AbortController();
  const second = service.join("second", { signal: caller.signal });
  caller.abort(new Error("enough"));
  await assertRejects(() => second, Error, "enough");
});

test("sockets that were given already outlive an owner that stops", async (service) => {
  const owner = await service.start("old");
  const next = await service.join("new");
  await owner.up.stop();
  assertEquals(await owner.up.complete, "stopped");
  const waiting = service.ask();
  await next.up.ready();
  assertEquals(await waiting, "new");
});

test("an owner that stops leaves the port to who binds it, and no socket file", async (service) => {
  const owner = await service.start("old");
  const waiting = service.join("new");
  await owner.up.stop();
  await (await waiting).up.ready();
  assertEquals(await service.ask(), "new");
  await (await waiting).up.stop();
  assertEquals(namesIn(service.dir), ["owner.lock", "upgrade.lock"]);
});

test("what killed processes have left is in nobody's way", async (service) => {
  for (const name of ["handover.sock", "next-01234567.sock"]) {
    using dead = Deno.listen({ transport: "unix", path: `${service.dir}/born` });
    Deno.renameSync(dead.addr.path, `${service.dir}/${name}`);
  }
  Deno.writeTextFileSync(`${service.dir}/owner.lock`, "999999999\n");
  await service.start("new");
  assertEquals(await service.ask(), "new");
  await service.start("newer");
  assertEquals(await service.ask(), "newer");
  assertEquals(namesIn(service.dir), ["handover.sock", "owner.lock", "upgrade.lock"]);
});

test("an owner that does not answer is named", async (service) => {
  using owner = new FileLock(`${service.dir}/owner.lock`);
  owner.tryTake();
  const { reason, message } = await refusal(() => service.join("new", { waitMs: 1 }));
  assertEquals(reason, "unreachable");
  assertStringIncludes(message, `the owner (process ${Deno.pid}) of ${service.dir} does not`);
});

test("whoever talks no sense to an owner is sent away", async (service) => {
  await service.start("old");
  const visitor = connect(`${service.dir}/handover.sock`);
  visitor.on("error", () => {});
  visitor.write("GET / HTTP/1.1\r\n\r\n");
  visitor.resume();
  await once(visitor, "close");
  assertEquals(await service.ask(), "old");
  await service.start("new");
});

test("a socket that cannot be accepted from is the owner's again", async (service) => {
  const owner = await service.start("old");
  const next = await service.join("new");
  const broken = () => Promise.reject(new Error("Cannot accept connections for http: EINVAL"));
  Object.defineProperty(next.listener, "grant", { value: broken });
  await assertRejects(() => next.up.ready(), Error, "Cannot accept connections for http");
  assertEquals(next.up.state, "stopped");
  assertEquals(await service.ask(), "old");
  assertEquals(owner.up.state, "owner");
  await service.start("newer");
});

test("a socket of the service manager that listens elsewhere than configured is handed on", async (service) => {
  using claim = new PortClaim(1);
  const [port = 0] = claim.ports;
  const fd = openListeningSocket(libc(), { hostname: "::", port });
  const inherited: InheritedSocket[] = [{ fd, name: "http", port: null, from: "LISTEN_FDS" }];
  const said: string[] = [];
  const onWarning = (text: string) => said.push(text);
  const options = { dir: service.dir, onWarning };
  const asked = { hostname: "127.0.0.1", port };
  const owner = await openUpgrader(options, handoverMeans(), inherited);
  await owner.listen("http", asked);
  await owner.ready();
  const next = await openUpgrader(options, handoverMeans(), []);
  const { hostname } = await next.listen("http", asked);
  assertEquals(hostname, "::");
  await next.ready();
  assertEquals(await owner.complete, "handed_over");
  assertEquals(said.length, 1, "the service manager's address counts, and is said once");
  await next.stop();
});

test("listeners may be added while nobody takes over, and reach the successor", async (service) => {
  const owner = await service.start("old");
  const admin = await owner.up.listen("admin", { hostname: "127.0.0.1", port: 0 });
  assert(admin.accepting);
  const next = await service.join("new");
  await assertRejects(
    () => owner.up.listen("late", { port: 0 }),
    TypeError,
    "Cannot listen as late: it would not reach the successor (offering)",
  );
  const handed = await next.up.listen("admin", { hostname: "127.0.0.1", port: 0 });
  assertEquals(handed.port, admin.port);
  await next.up.ready();
  await service.start("newest");
  assertEquals(await next.up.complete, "handed_over");
});

test("held sockets are handed on, also to who accepts, and are never accepted from here", async (service) => {
  const first = await service.start("first");
  const wanted = { name: "direct", address: { hostname: "127.0.0.1", port: 0 } };
  const held = first.up.hold([wanted]);
  const [{ fd: firstFd = -1 } = {}] = held.list;
  const address = handoverMeans().descriptors.address(firstFd)!;
  const waiting = greeting(address.port);
  const second = await service.join("second");
  assertThrows(() => first.up.hold([{ ...wanted, name: "late" }]), TypeError, "would not reach");
  let again: HeldSockets | null = null;
  await second.up.ready(() => {
    again = second.up.hold([{ ...wanted, address }]);
    return Promise.resolve();
  });
  assertEquals(await first.up.complete, "handed_over");
  assertEquals(fileOf(again!), fileOf(held));
  assert(!isNonBlocking(libc(), firstFd));
  held.close();
  const third = await service.join("third");
  const listener = await third.up.listen("direct", address);
  listener.serve((socket) => greet(socket, "third"));
  await third.up.ready();
  assertEquals(await waiting, "third");
  again!.close();
  assertEquals([first, second, third].flatMap(({ said }) => said), []);
});

/** What the kernel calls the only one. */
function fileOf({ list }: HeldSockets): string {
  return Deno.readLinkSync(`/proc/self/fd/${list[0]!.fd}`);
}

test("who stops does not wait any more for what the predecessor has to do", async (service) => {
  const { promise: done, resolve: end } = Promise.withResolvers<void>();
  await service.start("old", { onHandedOver: () => done });
  const { up } = await service.start("new");
  let isAlone = false;
  up.alone.then(() => isAlone = true);
  await up.stop();
  assert(isAlone);
  end();
});

test("a program that stops while it becomes ready is told so, and the owner serves on", async (service) => {
  const owner = await service.start("old");
  const next = await service.join("new");
  const ready = next.up.ready();
  await next.up.stop();
  await assertRejects(() => ready, Error, "Cannot be ready: stopped meanwhile");
  await until(() => namesIn(service.dir).length === 3);
  assertEquals(namesIn(service.dir), ["handover.sock", "owner.lock", "upgrade.lock"]);
  assertEquals(await service.ask(), "old");
  await service.start("newer");
  assertEquals(await owner.up.complete, "handed_over");
  assertEquals(await service.ask(), "newer");
});

test("a successor waits for a listener that is being opened, and gets it", async (service) => {
  const owner = await service.start("old");
  const place = { hostname: "127.0.0.1", port: 0 };
  const { bind } = Listener;
  const bound = Promise.withResolvers<void>();
  Listener.bind = async (source) => {
    const listener = await bind(source);
    await bound.promise;
    return listener;
  };
  const opening = owner.up.listen("admin", place);
  Listener.bind = bind;
  const next = service.join("new");
  // In time for many tries of the successor; it has got nothing by then.
  await Promise.race([next, new Promise((resolve) => setTimeout(resolve, 200))]);
  assertEquals(owner.up.state, "owner");
  bound.resolve();
  const { port } = await opening;
  assertEquals((await (await next).up.listen("admin", place)).port, port);
});

test("a program cannot accept beside the process that does", async (service) => {
  const owner = await service.start("old");
  const next = await service.join("new");
  await next.listener.resume();
  assert(!next.listener.accepting, "it is not the owner yet");
  next.listener.pause();
  await next.up.ready();
  assertEquals(await owner.up.complete, "handed_over");
  assert(!next.listener.accepting, "it does not want to");
  await next.listener.resume();
  assertEquals(await service.ask(), "new");
});

test("an owner that cannot stop accepting serves on", async (service) => {
  const owner = await service.start("old");
  const admin = await owner.up.listen("admin", { hostname: "127.0.0.1", port: 0 });
  const broken = () => {
    throw new TypeError("no descriptor is left");
  };
  Object.defineProperty(admin, "withhold", { value: broken });
  const next = await service.join("new");
  await refusal(() => next.up.ready());
  assertEquals(await service.ask(), "old");
  assertEquals(owner.up.state, "owner");
  assertEquals(owner.said, ["Cannot stop accepting: no descriptor is left"]);
});

test("two listeners that are asked for at once cannot have one name", async (service) => {
  const { up } = await service.start("old");
  const place = { hostname: "127.0.0.1", port: 0 };
  const first = up.listen("admin", place);
  await assertRejects(() => up.listen("admin", place), TypeError, "the name is taken");
  await assertRejects(() => up.listen("bad", { ...place, port: service.port }), Error, "Cannot");
  assert((await first).accepting);
  assert((await up.listen("bad", place)).accepting, "a name that came to nothing is free");
});

test("a listener that a version has no use for is closed, and said", async (service) => {
  const owner = await service.start("old");
  await owner.up.listen("admin", { hostname: "127.0.0.1", port: 0 });
  const next = await service.start("new");
  assertEquals(next.said, ["The socket admin was handed over and is not used: closed"]);
});

test("the name of a listener that was closed can be had again, and reaches the successor", async (service) => {
  const owner = await service.start("old");
  const place = { hostname: "127.0.0.1", port: 0 };
  (await owner.up.listen("admin", place)).close();
  const { port } = await owner.up.listen("admin", place);
  const next = await service.join("new");
  assertEquals((await next.up.listen("admin", place)).port, port);
});

test("names are checked, and nothing is changed by a bad one", async (service) => {
  const { up } = await service.start("old");
  for (const [name, why] of [["", "a name has letters"], ["http", "the name is taken"]] as const) {
    await assertRejects(() => up.listen(name, { port: 0 }), TypeError, why);
  }
  await assertRejects(() => up.ready(), TypeError, 'Cannot go on with "ready"');
  assertEquals(up.state, "owner");
});

Deno.test("without foreign functions it serves, and leaves the directory alone", async () => {
  const means = findMeans(() => {
    throw new Error("not permitted");
  });
  const said: string[] = [];
  const onWarning = (text: string) => said.push(text);
  const up = await openUpgrader({ dir: "/nowhere", onWarning }, means);
  const listener = await up.listen("http", { hostname: "127.0.0.1", port: 0 });
  await up.ready();
  assert(listener.accepting);
  assertEquals(said, [
    "/nowhere is not used: sockets can be inherited, not handed over: not permitted",
  ]);
  await up.stop();
  assertEquals(await up.complete, "stopped");
});

function namesIn(dir: string): string[] {
  return [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
}

test("what only one process may have is let go of, and then taken up, before the other accepts", async (service) => {
  const steps: string[] = [];
  const owner = await service.start("p0", {
    onOffering: (isOffered) => steps.push(`offered ${isOffered}`),
    onHandingOver: async () => {
      steps.push(`let go, answered by ${await service.ask()}`);
    },
  });
  const next = await service.join("p1");
  await next.up.ready(() => {
    steps.push(`taken up, accepting ${owner.listener.accepting} ${next.listener.accepting}`);
    return Promise.resolve();
  });
  assertEquals(await owner.up.complete, "handed_over");
  assertEquals(steps, [
    "offered true",
    "let go, answered by p0",
    "taken up, accepting false false",
  ]);
});

test("a successor is alone when its predecessor has told everybody what it had to", async (service) => {
  const told = Promise.withResolvers<void>();
  const owner = await service.start("p0", { ...PATIENT, onHandedOver: () => told.promise });
  await owner.up.alone;
  const next = await service.join("p1", PATIENT);
  assertEquals([next.up.predecessor, next.up.handedNames], [Deno.pid, ["http"]]);
  await next.up.ready();
  assertEquals(await owner.up.complete, "handed_over");
  let isAlone = false;
  const alone = next.up.alone.then(() => isAlone = true);
  assertEquals(await service.ask(), "p1");
  assertEquals(isAlone, false);
  told.resolve();
  await alone;
});

test("an owner that cannot let go serves on, and so does one whose successor cannot take up", async (service) => {
  let mayLetGo = false;
  const offered: boolean[] = [];
  const owner = await service.start("p0", {
    onOffering: (isOffered) => offered.push(isOffered),
    onHandingOver: () => mayLetGo ? Promise.resolve() : Promise.reject(new Error("a roll")),
  });
  const refused = await service.join("p1");
  const takeUp = () => Promise.reject(new RangeError("no state"));
  assertEquals((await refusal(() => refused.up.ready(takeUp))).reason, "revoked");
  assertEquals(owner.said, ["Nothing is handed over: a roll"]);
  mayLetGo = true;
  const failing = await service.join("p2");
  await assertRejects(() => failing.up.ready(takeUp), RangeError);
  await until(() => owner.up.state === "owner");
  assertEquals(await service.ask(), "p0");
  assertEquals(offered, [true, false, true, false]);
});

test("successors wait while the owner is busy", async (service) => {
  let isBusy = true;
  const owner = await service.start("p0", { isBusy: () => isBusy });
  const refused = await refusal(() => service.join("p1", { waitMs: 100 }));
  assertEquals([refused.reason, owner.up.state], ["unreachable", "owner"]);
  const next = service.start("p2");
  isBusy = false;
  await next;
  assertEquals(await owner.up.complete, "handed_over");
});
