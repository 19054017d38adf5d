import { assertEquals } from "@std/assert";
import { PublicSockets, type SocketConfig } from "../../../../src/commands/run/public_sockets.ts";
import { foreignFunctions } from "../../../helpers/handover.ts";
import { needs } from "../../../helpers/skip.ts";
import { StoreManager } from "../../../helpers/store_manager.ts";
import { freePort } from "../../platform/processes.ts";
import { recordingLog } from "../../platform/recording_log.ts";

/** Runs `work` where a service manager keeps descriptors. */
async function withManager(work: (manager: StoreManager) => Promise<void>): Promise<void> {
  using manager = new StoreManager();
  const names = ["NOTIFY_SOCKET", "FDSTORE"];
  for (const name of names) Deno.env.set(name, manager.env(name)!);
  try {
    await work(manager);
  } finally {
    for (const name of names) Deno.env.delete(name);
  }
}

function config(engine: SocketConfig["engine"], port: number): SocketConfig {
  const ports = [{ listen: port }] as unknown as SocketConfig["ports"];
  const limits = { drainTimeoutMs: 0, stopTimeoutMs: 0 };
  const rest = { socketProtocol: "server-starter", handover: null, join: false } as const;
  return { host: "127.0.0.1", ports, engine, stateDir: "/state", ...rest, ...limits };
}

for (const engine of ["relay", "direct"] as const) {
  Deno.test({
    name: `sockets of --engine ${engine} are given to a service manager that keeps them`,
    ...needs(foreignFunctions()),
    fn: () =>
      withManager(async (manager) => {
        const port = freePort();
        await using sockets = await PublicSockets.open(config(engine, port), recordingLog());
        await sockets!.ready(async () => {
          if (engine === "direct") await sockets!.door({ heirs: [], path: undefined });
        });
        assertEquals(await manager.arrival(), {
          text: "FDSTORE=1\nFDNAME=stored-http\nFDPOLL=0",
          ports: [port],
        });
        assertEquals([sockets!.origins, sockets!.activated], [["bound"], false]);
        const door = engine === "direct" ? await sockets!.door({ heirs: [], path: "" }) : null;
        await door?.front.shutdown({ drainTimeoutMs: 0 });
      }),
  });
}

Deno.test({
  name: "--engine fetch has nothing kept, as it could not use it",
  ...needs(foreignFunctions()),
  fn: () =>
    withManager(async () => {
      assertEquals(await PublicSockets.open(config("fetch", freePort()), recordingLog()), null);
    }),
});
