// @ts-types="./duration.d.ts"
export { format } from "deno-std/fmt/duration.js";
