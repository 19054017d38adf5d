/**
 * A proxy and its application in a process of their own, to be started with few file descriptors.
 * Prints the port of the proxy, then a line for every error that it reports. Runs until it is killed.
 *
 * @module
 */
import { type EngineName, ENGINES } from "../../src/proxy/engines.ts";
import { Rig } from "./rig.ts";

// As liveroll has long done when clients come: Deno panics if it has no file descriptor left for this.
Deno.addSignalListener("SIGTERM", () => Deno.exit());

const engine = Object.keys(ENGINES).find((name): name is EngineName => name === Deno.args[0]);
if (engine === undefined) throw new TypeError(`Cannot start the engine ${Deno.args[0]}`);
const rig = Rig.answering(undefined, { engine, onError: (error) => console.log(String(error)) });
console.log(rig.proxy.port);
