import { delay } from "@std/async/delay";
import { ControlClient } from "../../src/control/client/control_client.ts";
import { placeIn } from "../../src/control/client/place.ts";
import type { HistoryEntry, Status } from "../../src/control/operator.ts";
import { client, ClientCommand, type ClientOptions, type Ran } from "./client_command.ts";
import { PATIENCE_MS } from "./event_log.ts";
import type { Home } from "./home.ts";

const POLL_MS = 10;

/** Commands that are about no application. */
const WITHOUT_PLACE = ["ps", "completions"];

/** The commands of the real program, for the application of one home. */
export class Cli {
  readonly #home: Home;

  constructor(home: Home) {
    this.#home = home;
  }

  /** Runs a command to its end; its words are parted by single spaces. */
  run(line: string, options?: ClientOptions): Promise<Ran> {
    return this.runWords(line.split(" "), options);
  }

  /** As {@linkcode Cli.run}, for words with spaces in them. */
  runWords(words: readonly string[], options?: ClientOptions): Promise<Ran> {
    return client(this.#complete(words), options);
  }

  /** Runs a command that has to end well, with `--json`; @returns What it printed. */
  async json<T>(line: string): Promise<T> {
    const { code, stdout, stderr } = await this.run(`${line} --json`);
    if (code !== 0) throw new Error(`Cannot run ${line}: it exited with ${code}: ${stderr}`);
    return JSON.parse(stdout);
  }

  /** Starts a command that goes on for a while. */
  start(line: string, options?: ClientOptions): ClientCommand {
    return new ClientCommand(this.#complete(line.split(" ")), options);
  }

  status(): Promise<Status> {
    return this.json("status");
  }

  /** Resolves with the first status that `matches`. @throws {Error} When none does in time. */
  async until(what: string, matches: (status: Status) => boolean): Promise<Status> {
    using control = new ControlClient(placeIn(this.#home.stateDir).address);
    const deadline = performance.now() + PATIENCE_MS;
    let status = await control.status();
    while (!matches(status)) {
      if (performance.now() >= deadline) {
        throw new Error(`Cannot see ${what} in the status: ${JSON.stringify(status)}`);
      }
      await delay(POLL_MS);
      status = await control.status();
    }
    return status;
  }

  /** Newest first. */
  history(): Promise<HistoryEntry[]> {
    return this.json("history");
  }

  #complete([verb = "", ...words]: readonly string[]): string[] {
    const isElsewhere = WITHOUT_PLACE.includes(verb);
    return [verb, ...isElsewhere ? [] : [`--state-dir=${this.#home.stateDir}`], ...words];
  }
}
