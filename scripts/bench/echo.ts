// A WebSocket echo on bare TCP, without imports: reading and writing is all it does. It takes
// messages of up to 125 bytes whose mask is zero, so that there is nothing to unmask, and answers
// any other request with 200.
const HEADER_BYTES = 6;
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const text = new TextEncoder();

async function accept(key: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-1", text.encode(key + ACCEPT_SUFFIX));
  return new Uint8Array(hash).toBase64();
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

async function readHead(conn: Deno.Conn, buffer: Uint8Array): Promise<string | null> {
  let head = "";
  while (!head.endsWith("\r\n\r\n")) {
    const n = await conn.read(buffer);
    if (n === null) return null;
    head += new TextDecoder().decode(buffer.subarray(0, n));
  }
  return head;
}

/** Moves the payloads of all whole frames to `out`; returns how far both were used. */
function unmask(input: Uint8Array, out: Uint8Array): { read: number; written: number } {
  let read = 0;
  let written = 0;
  while (input.length - read >= HEADER_BYTES) {
    const length = input[read + 1]! & 0x7f;
    const end = read + HEADER_BYTES + length;
    if (end > input.length) break;
    out[written] = input[read]!;
    out[written + 1] = length;
    out.set(input.subarray(read + HEADER_BYTES, end), written + 2);
    written += 2 + length;
    read = end;
  }
  return { read, written };
}

async function echo(conn: Deno.Conn): Promise<void> {
  const input = new Uint8Array(16_384);
  const out = new Uint8Array(16_384);
  let kept = 0;
  for (;;) {
    const n = await conn.read(input.subarray(kept));
    if (n === null) return;
    const { read, written } = unmask(input.subarray(0, kept + n), out);
    await writeAll(conn, out.subarray(0, written));
    input.copyWithin(0, read, kept + n);
    kept += n - read;
  }
}

async function serve(conn: Deno.TcpConn): Promise<void> {
  conn.setNoDelay(true);
  const head = await readHead(conn, new Uint8Array(4_096));
  if (head === null) return;
  const key = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1];
  if (key === undefined) {
    return await writeAll(
      conn,
      text.encode("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nok\n"),
    );
  }
  const answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" +
    `Connection: Upgrade\r\nSec-WebSocket-Accept: ${await accept(key)}\r\n\r\n`;
  await writeAll(conn, text.encode(answer));
  await echo(conn);
}

const port = Number(Deno.env.get("PORT"));
for await (const conn of Deno.listen({ hostname: "127.0.0.1", port, tcpBacklog: 1_024 })) {
  serve(conn).catch(() => {}).finally(() => conn.close());
}
