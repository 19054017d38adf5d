// @ts-types="./colors.d.ts"
export {
  bold,
  brightBlue,
  cyan,
  dim,
  getColorEnabled,
  green,
  magenta,
  red,
  setColorEnabled,
  stripAnsiCode,
  yellow,
} from "deno-std/fmt/colors.js";
