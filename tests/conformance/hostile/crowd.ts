import { Buffer } from "node:buffer";

/** A write that has not gone through by then waits for the other side to read. */
const STUCK_MS = 300;

/** No test waits longer for what a proxy must do by itself. */
const LIMIT_MS = 15_000;

/** In place of what a connection sent that nobody ended. */
const STILL_OPEN = "still open";

/** Many connections that do the same; they take little memory themselves. */
export class Crowd implements Disposable {
  readonly #members: readonly Deno.TcpConn[];
  /** What {@linkcode readOneByteEach} has read so far, of each. */
  #ticks = 0;

  private constructor(members: readonly Deno.TcpConn[]) {
    this.#members = members;
  }

  /** Opens `count` connections and sends `first` on each. */
  static async open(port: number, count: number, first: Uint8Array): Promise<Crowd> {
    const members: Deno.TcpConn[] = [];
    for (let n = 0; n < count; n++) {
      members.push(await Deno.connect({ hostname: "127.0.0.1", port }));
    }
    const crowd = new Crowd(members);
    await crowd.writeEach(first);
    return crowd;
  }

  /** Writes all of `bytes` on each; a connection that has ended is passed over. */
  async writeEach(bytes: Uint8Array): Promise<void> {
    await Promise.all(this.#members.map(async (member) => {
      try {
        for (let n = 0; n < bytes.length;) n += await member.write(bytes.subarray(n));
      } catch {
        // Ended by the other side.
      }
    }));
  }

  /** Reads one byte from each. @throws {Error} When one has ended. */
  async readOneByteEach(): Promise<void> {
    this.#ticks++;
    await Promise.all(this.#members.map(async (member) => {
      if (await member.read(new Uint8Array(1)) === null) throw new Error("Cannot read: it ended");
    }));
  }

  /** Everything that comes on each until its end; {@linkcode STILL_OPEN} where that never comes. */
  readAllEach(): Promise<string[]> {
    return Promise.all(this.#members.map(async (member) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        close(member);
      }, LIMIT_MS);
      const small = Buffer.alloc(1024);
      let text = "";
      try {
        for (let n = await member.read(small); n !== null; n = await member.read(small)) {
          text += small.toString("latin1", 0, n);
        }
      } catch {
        // Ended by the other side.
      }
      clearTimeout(timer);
      close(member);
      return late ? STILL_OPEN : text;
    }));
  }

  /** Reads the first one to its end. @returns How many bytes that were, all in all. */
  async drainOne(): Promise<number> {
    const [member] = this.#members;
    const buffer = new Uint8Array(262_144);
    let total = this.#ticks;
    try {
      for (let n = await member?.read(buffer); n; n = await member?.read(buffer)) total += n;
    } catch {
      // Ended by the other side.
    }
    return total;
  }

  /** Writes on each until nothing more is taken, or `limit` bytes. @returns How many, all in all. */
  async writeWhilePossible(piece: Uint8Array, limit: number): Promise<number> {
    const sent = await Promise.all(this.#members.map((member) => fill(member, piece, limit)));
    return sent.reduce((sum, count) => sum + count, 0);
  }

  [Symbol.dispose](): void {
    this.#members.forEach(close);
  }
}

/** @returns How many bytes were taken. */
async function fill(member: Deno.TcpConn, piece: Uint8Array, limit: number): Promise<number> {
  for (let sent = 0; sent < limit;) {
    const write = member.write(piece).catch(() => 0);
    const stuck = Promise.withResolvers<null>();
    const timer = setTimeout(() => stuck.resolve(null), STUCK_MS);
    const count = await Promise.race([write, stuck.promise]);
    clearTimeout(timer);
    if (!count) return sent;
    sent += count;
  }
  return limit;
}

function close(member: Deno.TcpConn): void {
  try {
    member.close();
  } catch {
    // Closed already.
  }
}
