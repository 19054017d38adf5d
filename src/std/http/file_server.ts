// @ts-types="./file_server.d.ts"
export { serveDir } from "deno-std/http/file_server.js";
