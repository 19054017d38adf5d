/** Says something to a service manager, as a child does. */
export async function sendNotice(address: string, text: string): Promise<void> {
  const own = `\0liveroll-test-${crypto.randomUUID()}`;
  const conn = Deno.listenDatagram({ transport: "unixpacket", path: own });
  const to = { transport: "unixpacket" as const, path: `\0${address.slice(1)}` };
  await conn.send(new TextEncoder().encode(text), to);
  conn.close();
}
