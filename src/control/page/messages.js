import { rethrow } from "./api.js";
/** @import { Message } from "./types.ts" */

/**
 * Takes a stream of server-sent events apart. Comments are told, too: as null, a sign of life.
 *
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream
 * @returns {AsyncGenerator<Message | null>}
 * @throws {Error} When the stream breaks.
 */
export async function* messages(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (let piece; !(piece = await reader.read().catch(rethrow)).done;) {
      const blocks = (rest + piece.value).replaceAll("\r\n", "\n").split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) yield parseMessage(block);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/**
 * One block; null if it says nothing.
 *
 * @param {string} block
 * @returns {Message | null}
 */
export function parseMessage(block) {
  const message = { event: "message", data: "" };
  const data = [];
  for (const line of block.split("\n")) {
    const [, field, value] = /^(event|data)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "event") message.event = value ?? "";
    if (field === "data") data.push(value ?? "");
  }
  return data.length === 0 ? null : { ...message, data: data.join("\n") };
}
