// The other program: nothing but sockets. It answers each request with its name, and says
// `Connection: close` when it is on its way out.
import type { Socket } from "node:net";
import { live } from "./plan.ts";

const IDLE_MS = 500;
const HEAD_END = "\r\n\r\n";

await live((listener, id) => {
  const open = new Set<Socket>();
  let draining = false;
  let onEmpty = () => {};
  listener.serve((socket) => {
    open.add(socket);
    let text = "";
    socket.on("error", () => {});
    socket.on("close", () => {
      open.delete(socket);
      if (open.size === 0) onEmpty();
    });
    socket.on("data", (bytes) => {
      text += bytes;
      for (let end; (end = text.indexOf(HEAD_END)) >= 0;) {
        answer(socket, id, text.slice(0, end), draining);
        text = text.slice(end + HEAD_END.length);
      }
    });
  });
  return {
    async drain() {
      draining = true;
      setTimeout(() => open.forEach((socket) => socket.end()), IDLE_MS);
      if (open.size > 0) await new Promise<void>((resolve) => onEmpty = resolve);
    },
  };
});

function answer(socket: Socket, id: string, head: string, draining: boolean): void {
  const nonce = /^x-nonce: *(.*)$/im.exec(head)?.[1] ?? "";
  const close = draining || /^connection: *close/im.test(head);
  const lines = [
    "HTTP/1.1 200 OK",
    `x-version: ${id}`,
    `x-nonce: ${nonce}`,
    `content-length: ${id.length}`,
    `connection: ${close ? "close" : "keep-alive"}`,
  ];
  socket.write(lines.join("\r\n") + HEAD_END + id);
  if (close) socket.end();
}
