/**
 * Listening sockets that outlive processes: a new version of a program takes them over from the
 * old one, and nobody is refused meanwhile. The two need nothing in common but a directory.
 *
 * @example A server that any later version of it can replace
 * ```ts ignore
 * const up = await upgrader({ dir: "/run/hello" });
 * const listener = await up.listen("http", { port: 8080 });
 * const server = serveHttp(listener, (_request, response) => response.end("hello\n"));
 * await up.ready();
 * await up.complete;
 * await server.drain();
 * ```
 *
 * @module
 */
export { HANDOVER_REFUSALS, HandoverError, type HandoverRefusal } from "./handover_error.ts";
export { type DrainOptions, type HttpHandler, type HttpServer, serveHttp } from "./http_server.ts";
export { Listener, type ListenOptions } from "./listener.ts";
export { describeMode, type HandoverMode, handoverMode } from "./means.ts";
export { type SocketAddress } from "./socket_address.ts";
export { SOCKET_ORIGINS, type SocketOrigin } from "./socket_origin.ts";
export { upgrader } from "./open_upgrader.ts";
export { type Upgrader, type UpgraderEnd } from "./upgrader.ts";
export { type UpgraderOptions } from "./upgrader_options.ts";
export { UPGRADER_STATES, type UpgraderState } from "./upgrader_state.ts";
