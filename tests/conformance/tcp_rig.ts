import type { AccessEntry } from "../../src/proxy/access_log.ts";
import type { BackendTarget } from "../../src/proxy/backend.ts";
import type { Proxy, ProxyOptions } from "../../src/proxy/proxy.ts";
import { RawConnection, RawUpstream, type Script } from "./raw.ts";
import { startProxy } from "./rig.ts";

/** Says its name first, then repeats what it hears, to the end. */
export const echo = (name: string): Script => async (conn) => {
  await conn.write(`${name}>`);
  for (let text = await conn.read(); text !== null; text = await conn.read()) {
    await conn.write(text);
  }
};

/** A proxy of the engine `tcp` and its upstreams; everything ends with the test. */
export class TcpRig implements AsyncDisposable {
  readonly proxy: Proxy;
  readonly log: AccessEntry[] = [];
  #stack = new AsyncDisposableStack();

  constructor(options: Partial<ProxyOptions> = {}) {
    const accessLog = { record: (entry: AccessEntry) => void this.log.push(entry) };
    this.proxy = startProxy({ engine: "tcp", accessLog, ...options });
    this.#stack.defer(async () => void await this.proxy.shutdown({ drainTimeoutMs: 0 }));
  }

  /** An upstream that is closed with the rig. */
  upstream(script: Script): RawUpstream {
    return this.#stack.use(new RawUpstream(script));
  }

  async client(port = this.proxy.port): Promise<RawConnection> {
    return this.#stack.use(await RawConnection.open(port));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** A backend on loopback. */
export function target(port: number, key = `at ${port}`, alive = () => true): BackendTarget {
  return { key, host: "127.0.0.1", port, version: `v-${key}`, alive };
}

/** A port on which nobody listens. */
export function refusingPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
