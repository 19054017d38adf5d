import type { Instance } from "../../../src/roll/instance.ts";

/** An instance that is nothing but an address. */
export function instanceAt(port: number, host = "127.0.0.1"): Instance {
  return {
    key: "i1",
    birth: null,
    id: "v1",
    host,
    port,
    pid: 1,
    exit: null,
    exited: new Promise(() => {}),
    impostor: () => Promise.resolve(null),
    lastLines: () => [],
    stop: () => Promise.resolve("stopped"),
    kill: () => {},
  };
}
