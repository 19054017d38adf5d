import type { MountModel, PortModel } from "./model.ts";

/**
 * `[[host address:][host port]:]container port[/protocol]`. An IPv6 address is in brackets, which
 * compose 1 takes away when it prints one.
 */
const PORT = /^(?:(?:(\[[^\]]*\]|.*):)?([^:]*):)?([^:/]+)(?:\/(\w+))?$/;

/** What is published, of the short form `127.0.0.1:8080:80/tcp`. */
export function readPort(text: string): PortModel[] {
  const match = PORT.exec(text);
  if (match === null) return [];
  const [, address = "", published = "", target = "", protocol = "tcp"] = match;
  const hostIp = address.replace(/^\[(.*)\]$/, "$1");
  const isAny = published === "" || published === "0";
  return [{ hostIp: hostIp || null, published: isAny ? null : published, target, protocol }];
}

/** What is mounted, of the short form `source:/target:ro`. */
export function readMount(text: string): MountModel {
  const parts = text.split(":");
  if (parts.length === 1) return { type: "volume", source: null, target: text, isReadOnly: false };
  const [source = "", target = "", modes = ""] = parts;
  const type = /^[/.~]/.test(source) ? "bind" : "volume";
  return { type, source, target, isReadOnly: modes.split(",").includes("ro") };
}
