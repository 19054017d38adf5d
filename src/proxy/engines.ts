import type { EngineStarter } from "./engine.ts";
import { startFetchEngine } from "./fetch/engine.ts";
import { startRelayEngine } from "./relay/engine.ts";
import { startTcpEngine } from "./tcp/engine.ts";

/** The engines by name; a new one is a folder and a line here. */
export const ENGINES = {
  relay: startRelayEngine,
  fetch: startFetchEngine,
  tcp: startTcpEngine,
} as const satisfies Record<string, EngineStarter>;

/** A member of {@linkcode ENGINES}. */
export type EngineName = keyof typeof ENGINES;
