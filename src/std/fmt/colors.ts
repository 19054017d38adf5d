// @ts-types="./colors.d.ts"
export {
  bold,
  cyan,
  dim,
  getColorEnabled,
  green,
  red,
  setColorEnabled,
  stripAnsiCode,
  yellow,
} from "deno-std/fmt/colors.js";
