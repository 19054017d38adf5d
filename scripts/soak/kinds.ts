import { abort } from "./aborting.ts";
import { uploadInChunks } from "./chunked_upload.ts";
import { fresh, keeping, type Kind, kind } from "./clients.ts";
import { listen, listenOn } from "./events.ts";
import { download, downloadLong, get, readSlowly, upload } from "./requests.ts";
import { talk, talkOn } from "./web_socket.ts";

const SMALL_UPLOAD_BYTES = 5_000;
const LARGE_UPLOAD_BYTES = 300_000;
/** Between two pieces of an upload that takes seconds. */
const LONG_UPLOAD_PAUSE_MS = 200;

const SHORT: readonly Kind[] = [
  kind("GET, keep-alive", 6, 10, keeping(get)),
  kind("GET, new connection", 3, 20, fresh(get)),
  kind("GET 3 MB, slow reader", 2, 50, fresh(readSlowly)),
  kind("POST 5 kB", 2, 20, keeping((c) => upload(c, SMALL_UPLOAD_BYTES))),
  kind("POST 300 kB", 2, 100, fresh((c) => upload(c, LARGE_UPLOAD_BYTES))),
  kind("POST, chunked", 2, 50, keeping((c) => uploadInChunks(c))),
  kind("server-sent events", 2, 50, fresh(listen)),
  kind("WebSocket", 4, 50, ({ port }) => ({ once: () => talk(port) })),
  kind("aborting", 3, 50, ({ port }) => ({ once: () => abort(port) })),
];

/** All the traffic, by the run that it is for. */
export const KINDS = {
  rolls: [
    ...SHORT,
    kind("GET 1 MB", 2, 100, keeping((c) => download(c))),
    kind("GET 1 MB, chunked", 1, 100, keeping((c) => download(c, "&chunked"))),
  ],
  upgrades: [
    ...SHORT,
    kind("GET, 4 s", 2, 50, keeping(downloadLong)),
    kind("POST, chunked, 4 s", 2, 50, keeping((c) => uploadInChunks(c, LONG_UPLOAD_PAUSE_MS))),
    kind("events without end", 3, 50, fresh(listenOn)),
    kind("WebSocket without end", 3, 50, ({ port }) => ({ once: (stop) => talkOn(port, stop) })),
  ],
} as const satisfies Record<string, readonly Kind[]>;

/** A run. */
export type KindsName = keyof typeof KINDS;
