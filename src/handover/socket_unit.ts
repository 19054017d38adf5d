import { isIP } from "node:net";
import { formatAddress, type SocketAddress } from "./socket_address.ts";
import { settingText } from "./systemd_quote.ts";

/** What a `.socket` unit is made of. */
export interface SocketUnitOptions {
  /** One line for people. */
  description: string;
  /** Public addresses, at least one. */
  addresses: readonly SocketAddress[];
  /** The service that is started when somebody connects. @default {the one of the same name} */
  service?: string;
}

/**
 * The text of a `.socket` unit: its sockets stay open while the service is started again, and
 * whoever connects meanwhile waits. A single one has the name by which liveroll asks for it;
 * several are known by their addresses.
 *
 * @throws {TypeError} When an address is a name: systemd looks up none.
 */
export function socketUnit({ description, addresses, service }: SocketUnitOptions): string {
  for (const { hostname } of addresses) {
    if (isIP(hostname) !== 0) continue;
    throw new TypeError(`Cannot listen on ${hostname} by a .socket unit: give an IP address`);
  }
  const streams = addresses.map((address) => `ListenStream=${formatAddress(address)}\n`).join("");
  const name = addresses.length === 1 ? "FileDescriptorName=http\n" : "";
  return `[Unit]
Description=${settingText(description)}

[Socket]
${streams}${name}${
    service === undefined ? "" : `Service=${service}\n`
  }# An address that is not up yet is no reason to fail.
FreeBind=yes
# For :: and IPv4 at the same time.
BindIPv6Only=both
Backlog=4096
NoDelay=yes

[Install]
WantedBy=sockets.target
`;
}
