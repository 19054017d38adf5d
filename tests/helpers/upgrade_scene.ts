import { assert, assertEquals } from "@std/assert";
import type { Script } from "../apps/handover/peer.ts";
import { HandoverProgram } from "./handover_program.ts";
import { Home } from "./home.ts";
import { Liveroll, type LiverollOptions } from "./liveroll.ts";
import { showingLogs } from "./showing_logs.ts";

/** Runs `test` with a service of its own; when it fails, the logs are shown. */
export async function withScene(test: (scene: UpgradeScene) => Promise<void>): Promise<void> {
  const all: UpgradeScene[] = [];
  await showingLogs(() => all.flatMap(({ lives }) => lives), async () => {
    await using scene = new UpgradeScene();
    all.push(scene);
    await test(scene);
  });
}

/** One service, and the livrolls that follow each other in it. */
export class UpgradeScene implements AsyncDisposable {
  readonly home = new Home();
  readonly #started: Liveroll[] = [];
  readonly #peers: HandoverProgram[] = [];
  /** Where they meet. */
  readonly dir = `${this.home.workspace.dir}/handover`;

  /** All livrolls that were started here. */
  get lives(): readonly Liveroll[] {
    return this.#started;
  }

  /** Starts one. */
  start(options: LiverollOptions = {}): Liveroll {
    const flags = { handover: this.dir, "child-logs": "inherit", ...options.flags };
    const liveroll = new Liveroll({ ...options, home: this.home, flags });
    this.#started.push(liveroll);
    return liveroll;
  }

  /** Starts the first one, and waits until it serves. */
  async first(options: LiverollOptions = {}): Promise<Liveroll> {
    const liveroll = this.start({ version: "v1", ...options });
    await liveroll.waitFor("roll.succeeded");
    return liveroll;
  }

  /** Starts one more, and waits until it looks after what the one before has started. */
  async next(options: LiverollOptions = {}): Promise<Liveroll> {
    const liveroll = this.start(options);
    await liveroll.takesUp();
    return liveroll;
  }

  /** One side of a hand-over, played up to a step, at which it is killed. */
  async peerDies(script: Omit<Script, "end">): Promise<HandoverProgram> {
    const peer = this.peer({ ...script, end: "die" });
    assertEquals(await peer.ended(), "SIGKILL", script.step);
    assert(peer.said.includes(`at ${script.step}`));
    return peer;
  }

  /** One side of a hand-over, played by hand. */
  peer(script: Script): HandoverProgram {
    const { dir, home: { port } } = this;
    const peer = new HandoverProgram("peer", { dir, id: "peer", port }, { script });
    this.#peers.push(peer);
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      for (const peer of this.#peers) await peer[Symbol.asyncDispose]();
      for (const liveroll of this.#started.toReversed()) await liveroll[Symbol.asyncDispose]();
    } finally {
      this.home[Symbol.dispose]();
    }
  }
}
