import { Proxy, type ProxyOptions } from "../../src/proxy/proxy.ts";
import { ok, RawConnection, RawUpstream, type Script } from "./raw.ts";

/** Longest wait of a test for something that must happen. */
const LIMIT_MS = 20_000;

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

  /** Sends `request` on its own connection. @returns All that comes until the connection ends. */
  async everything(request: string): Promise<string> {
    await using client = await this.connect();
    await client.write(request);
    return await client.readAll();
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

/** Serves on keep-alive connections, each answer after `gate`. */
export function gated(
  gate: Promise<void>,
  body: string,
  onRequest: () => void = () => {},
): Script {
  return async (conn) => {
    while (await conn.readHead()) {
      onRequest();
      await gate;
      await conn.write(ok(body));
    }
  };
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

/** A request's head as its client sent it: without what every proxy in front of it adds. */
export function asSent(head: string | undefined): string {
  return (head ?? "").replaceAll(/^x-(forwarded-(for|host|proto|port)|real-ip): .*\r\n/gim, "");
}

/** The first line of a head. */
export function firstLine(head: string | null | undefined): string {
  return head?.split("\r\n")[0] ?? "";
}

/** One header's values in a raw head, in order; names compared without case. */
export function values(head: string, name: string): string[] {
  return head.split("\r\n").slice(1)
    .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    .map((line) => line.slice(name.length + 1).trim());
}
