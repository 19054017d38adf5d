/** Where a listening socket may come from. */
export const SOCKET_ORIGINS = [
  /** A `.socket` unit of systemd, or whatever else sets `LISTEN_FDS`. */
  "systemd_socket",
  /** Server::Starter, or what imitates it. */
  "server_starter",
  /** The service manager has kept it for us since a former life (`FDSTORE=1`). */
  "store",
  /** The process before us has handed it over. */
  "directory",
  /** Children of a killed process had it still. */
  "children",
  /** It was opened here. */
  "bound",
] as const;

/** Where a listening socket comes from. */
export type SocketOrigin = typeof SOCKET_ORIGINS[number];
