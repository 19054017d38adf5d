/**
 * Clients that leave, applications that answer early or die, bodies larger than what the kernel
 * keeps, all at once: no byte may ever end up in somebody else's message.
 */
import { assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { Buffer } from "node:buffer";
import { type EngineName, ENGINES } from "../../../src/proxy/engines.ts";
import { Random } from "../../simulation/random.ts";
import { RawConnection, RawUpstream } from "../raw.ts";
import { startProxy, until } from "../rig.ts";
import { readAnswers } from "./answer_reader.ts";
import { request } from "./request_case.ts";

const SEED = 42;
const WORKERS = 8;
const REQUESTS_EACH = 25;
const SIZES = [0, 100, 5000, 70_000, 300_000, 5_000_000];
const PIECE = 50_000;
const MANNERS = ["late", "early", "dies reading", "dies answering"] as const;

/** One request, its body and its answer's body; every byte tells whose it is. */
interface Deal {
  readonly id: number;
  readonly up: number;
  readonly down: number;
  readonly manner: typeof MANNERS[number];
}

function body(owner: string, size: number): string {
  return `${owner} `.repeat(Math.ceil(size / (owner.length + 1))).slice(0, size);
}

/** Where `text` is not what `owner` would have sent; null when it is the beginning of that. */
function foreign(owner: string, text: string): string | null {
  const own = body(owner, text.length);
  if (text === own) return null;
  let at = 0;
  while (text[at] === own[at]) at++;
  return `${owner} has at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`;
}

class Market {
  readonly problems: string[] = [];
  readonly #random = new Random(SEED);
  readonly #deals = new Map<number, Deal>();

  newDeal(): Deal {
    const id = this.#deals.size + 1;
    const deal = { id, up: this.#size(), down: this.#size(), manner: this.#random.pick(MANNERS) };
    this.#deals.set(id, deal);
    return deal;
  }

  /** The client's side of a deal. */
  async ask(port: number, { id, up, down, manner }: Deal): Promise<void> {
    await using client = await RawConnection.open(port);
    const leavesAfter = this.#random.chance(0.2) ? this.#below(up) : Infinity;
    const sending = this.#send(client, id, up, leavesAfter);
    const readsUpTo = this.#random.chance(0.2) ? this.#below(down) : Infinity;
    let heard = "";
    while (heard.length <= readsUpTo) {
      const more = await client.read();
      if (more === null) break;
      heard += more;
    }
    client.close();
    await sending;
    const [answer] = readAnswers(heard, []).answers;
    if (answer?.status !== 200) return;
    this.#blame(foreign(`down-${id}`, answer.body));
    const isWhole = answer.complete && answer.body.length === down;
    const stays = leavesAfter === Infinity && readsUpTo === Infinity;
    if (manner === "late" && stays && !isWhole) {
      this.problems.push(`down-${id} has ${answer.body.length} bytes of ${down}`);
    }
  }

  /** The application's side. */
  async serve(conn: RawConnection): Promise<void> {
    for (let asked = await conn.readHead(); asked !== null; asked = await conn.readHead()) {
      const deal = this.#deals.get(Number(/^PUT \/deal-(\d+) /.exec(asked)?.[1]));
      if (!deal) return void this.problems.push(`no deal: ${JSON.stringify(asked.slice(0, 80))}`);
      if (!await this.#deliver(conn, deal)) return;
    }
  }

  async #deliver(conn: RawConnection, deal: Deal): Promise<boolean> {
    const { up, manner } = deal;
    const read = manner === "dies reading" ? this.#below(up) : up;
    if (manner === "early") {
      await Promise.all([this.#answer(conn, deal), this.#read(conn, deal, read)]);
      return true;
    }
    await this.#read(conn, deal, read);
    if (manner === "dies reading") return false;
    await this.#answer(conn, deal);
    return manner !== "dies answering";
  }

  async #read(conn: RawConnection, { id }: Deal, size: number): Promise<void> {
    let text = "";
    try {
      while (text.length < size) {
        if (this.#random.chance(0.1)) await delay(1);
        text += await conn.readExactly(Math.min(PIECE, size - text.length));
      }
    } finally {
      this.#blame(foreign(`up-${id}`, text));
    }
  }

  async #answer(conn: RawConnection, { id, down, manner }: Deal): Promise<void> {
    await conn.write(`HTTP/1.1 200 OK\r\nContent-Length: ${down}\r\n\r\n`);
    const size = manner === "dies answering" ? this.#below(down) : down;
    await conn.writeBytes(Buffer.from(body(`down-${id}`, size)));
  }

  async #send(client: RawConnection, id: number, up: number, leavesAfter: number): Promise<void> {
    const bytes = Buffer.from(body(`up-${id}`, up));
    try {
      const headers = [`Content-Length: ${up}`, "Connection: close"];
      await client.write(request(`PUT /deal-${id}`, headers));
      for (let at = 0; at < up; at += PIECE) {
        if (at >= leavesAfter) return client.close();
        await client.writeBytes(bytes.subarray(at, at + PIECE));
      }
    } catch {
      // Answered or cut before everything was sent.
    }
  }

  #size(): number {
    return this.#below(this.#random.pick(SIZES));
  }

  /** A whole number from 0 to `limit`. */
  #below(limit: number): number {
    return Math.floor(this.#random.between(0, limit + 1));
  }

  #blame(problem: string | null): void {
    if (problem !== null) this.problems.push(problem);
  }
}

for (const engine of Object.keys(ENGINES) as EngineName[]) {
  if (engine as string !== "relay") continue;
  Deno.test(`item 36 item 57 item 61 item 62 [${engine}] every byte stays with its owner`, async () => {
    const market = new Market();
    await using upstream = new RawUpstream((conn) => market.serve(conn));
    const proxy = startProxy({ engine, onError: (error) => market.problems.push(`${error}`) });
    proxy.replace([{ key: "a", host: "127.0.0.1", port: upstream.port, alive: () => true }]);
    await Promise.all(Array.from({ length: WORKERS }, async () => {
      for (let n = 0; n < REQUESTS_EACH; n++) await market.ask(proxy.port, market.newDeal());
    }));
    await until(() => proxy.counters.inFlight === 0, "the end of all requests");
    await proxy.shutdown({ drainTimeoutMs: 1000 });
    assertEquals(market.problems, []);
  });
}
