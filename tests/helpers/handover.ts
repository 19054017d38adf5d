import { connect, type Socket } from "node:net";
import { once } from "node:events";
import type { Listener } from "../../src/handover/listener.ts";
import { describeMode, handoverMeans } from "../../src/handover/means.ts";
import { upgrader } from "../../src/handover/open_upgrader.ts";
import type { Upgrader } from "../../src/handover/upgrader.ts";
import type { UpgraderOptions } from "../../src/handover/upgrader_options.ts";
import { type Requirement, requirement } from "./skip.ts";

// The library stays open, so it has to be opened before a test could be blamed for it.
const MEANS = handoverMeans();

/** Met when sockets can be handed over here. */
export function foreignFunctions(): Requirement {
  return requirement(MEANS.mode.name === "full", describeMode(MEANS.mode));
}

/** The C library. @throws {TypeError} When it cannot be used. */
export function libc() {
  if (MEANS.libc === null) throw new TypeError(describeMode(MEANS.mode));
  return MEANS.libc;
}

/** One process of a service, as far as the library sees it; several of them are in one test. */
export interface Member {
  up: Upgrader;
  listener: Listener;
  /** What it complained about. */
  said: string[];
}

/** A service on 127.0.0.1 whose members greet every connection with their name, and end it. */
export class Service implements AsyncDisposable {
  readonly dir = Deno.makeTempDirSync();
  readonly #members: Member[] = [];
  port = 0;

  /** Comes up, but for `ready()`. */
  async join(id: string, options: Partial<UpgraderOptions> = {}): Promise<Member> {
    const said: string[] = [];
    const onWarning = (message: string) => said.push(message);
    const up = await upgrader({ dir: this.dir, id, onWarning, ...options });
    const listener = await up.listen("http", { hostname: "127.0.0.1", port: this.port });
    listener.serve((socket) => greet(socket, id));
    this.port = listener.port;
    const member = { up, listener, said };
    this.#members.push(member);
    return member;
  }

  /** Comes up. */
  async start(id: string, options: Partial<UpgraderOptions> = {}): Promise<Member> {
    const member = await this.join(id, options);
    await member.up.ready();
    return member;
  }

  /** Who answers a new connection. */
  async ask(): Promise<string> {
    return await greeting(this.port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { up } of this.#members) await up.stop();
    await Deno.remove(this.dir, { recursive: true });
  }
}

/** What a server says to who connects. */
export async function greeting(port: number): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.on("data", (bytes) => text += bytes);
  await once(socket, "close");
  return text;
}

/** Says something, and ends the connection. */
export function greet(socket: Socket, text: string): void {
  socket.on("error", () => {});
  socket.end(text);
}
