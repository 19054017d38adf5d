import { Proxy, type ProxyOptions } from "../../src/proxy/proxy.ts";
import { ok, RawConnection, RawUpstream, type Script } from "./raw.ts";

/** Longest wait of a test for something that must happen. */
const LIMIT_MS = 5000;

/** A proxy with small limits that fails no test by waiting. */
export function startProxy(options: Partial<ProxyOptions> = {}): Proxy {
  return Proxy.start({
    hostname: "127.0.0.1",
    port: 0,
    queueTimeoutMs: 2000,
    queueLimit: 100,
    responseHeadTimeoutMs: 4000,
    retryUnsafe: false,
    retryStatus: [],
    isTrusted: () => false,
    onError: (error) => console.error("proxy error:", error),
    ...options,
  });
}

/** A proxy in front of one scripted upstream; keeps the heads that the upstream saw. */
export class Rig implements AsyncDisposable {
  readonly upstream: RawUpstream;
  readonly proxy: Proxy;
  readonly heads: string[] = [];
  alive = true;

  constructor(script: Script, options: Partial<ProxyOptions> = {}) {
    this.upstream = new RawUpstream(script);
    this.proxy = startProxy(options);
    this.proxy.replace([this.target]);
  }

  /** A rig whose upstream answers every bodiless request with `answer`. */
  static answering(answer: string = ok(), options: Partial<ProxyOptions> = {}): Rig {
    const rig = new Rig(async (conn) => {
      for (let head = await conn.readHead(); head !== null; head = await conn.readHead()) {
        rig.heads.push(head);
        await conn.write(answer);
      }
    }, options);
    return rig;
  }

  get target() {
    return { key: "a", host: "127.0.0.1", port: this.upstream.port, alive: () => this.alive };
  }

  connect(): Promise<RawConnection> {
    return RawConnection.open(this.proxy.port);
  }

  /** Sends a request on its own connection. @returns The head of the answer and `bodyBytes` more. */
  async ask(request: string, bodyBytes = 0): Promise<string> {
    await using client = await this.connect();
    await client.write(request);
    return await client.readHead() + await client.readExactly(bodyBytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.upstream[Symbol.asyncDispose]();
    await this.proxy.shutdown({ drainTimeoutMs: 100 });
  }
}

/** Waits until `condition` holds; throws after a limit. */
export async function until(
  condition: () => boolean,
  what: string,
  limitMs = LIMIT_MS,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Cannot wait any longer for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** One header's values in a raw head, in order; names compared without case. */
export function values(head: string, name: string): string[] {
  return head.split("\r\n").slice(1)
    .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    .map((line) => line.slice(name.length + 1).trim());
}
