import { quote } from "../../values/kinds.ts";
import type { MountSpec } from "../engine/create_body.ts";
import { sourceOf } from "./binds.ts";
import { readCsv } from "./csv.ts";
import type { Draft } from "./draft.ts";
import { parseBytes, parsePair, parseTarget } from "./values.ts";

const TRUE: readonly string[] = ["", "1", "true"];
const FALSE: readonly string[] = ["0", "false"];

/** Takes `type=…,source=…,target=…[,readonly]` with the members that engines know. */
export function addMount(draft: Draft, text: string): void {
  const fields = new Fields(text);
  const kind = fields.take("type") ?? "volume";
  const source = fields.take("source", "src");
  const target = parseTarget(fields.take("target", "destination", "dst") ?? "");
  const isReadOnly = fields.takeSwitch("readonly", "ro");
  const base = { Target: target, ...(isReadOnly && { ReadOnly: true }) };
  draft.add("Mounts", specOf(draft, kind, source, base, fields));
  fields.refuseOthers();
}

function specOf(
  draft: Draft,
  kind: string,
  source: string | null,
  base: Pick<MountSpec, "Target" | "ReadOnly">,
  fields: Fields,
): MountSpec {
  switch (kind) {
    case "bind": {
      const path = sourceOf(draft, source ?? "");
      if (!path.startsWith("/")) throw fields.refuse("a bind needs the path of its source");
      const propagation = fields.take("bind-propagation");
      const options = propagation === null ? {} : { BindOptions: { Propagation: propagation } };
      return { Type: "bind", Source: path, ...base, ...options };
    }
    case "volume":
      return { Type: "volume", ...sourceOfVolume(draft, source), ...base, ...volume(fields) };
    case "tmpfs":
      if (source !== null) throw fields.refuse("a tmpfs has no source");
      return { Type: "tmpfs", ...base, ...tmpfs(fields) };
  }
  throw fields.refuse(`its type ${quote(kind)} is not bind, volume or tmpfs`);
}

function sourceOfVolume(draft: Draft, source: string | null): { Source?: string } {
  return source === null || source === "" ? {} : { Source: sourceOf(draft, source) };
}

function volume(fields: Fields): Pick<MountSpec, "VolumeOptions"> {
  const driver = fields.take("volume-driver");
  const options = Object.fromEntries(fields.takeAll("volume-opt").map(parsePair));
  const labels = Object.fromEntries(fields.takeAll("volume-label").map(parsePair));
  const hasDriver = driver !== null || Object.keys(options).length > 0;
  const result = {
    ...(fields.takeSwitch("volume-nocopy") && { NoCopy: true }),
    ...(Object.keys(labels).length > 0 && { Labels: labels }),
    ...(hasDriver && {
      DriverConfig: {
        ...(driver !== null && { Name: driver }),
        Options: options,
      },
    }),
  };
  return Object.keys(result).length > 0 ? { VolumeOptions: result } : {};
}

function tmpfs(fields: Fields): Pick<MountSpec, "TmpfsOptions"> {
  const [size, mode] = [fields.take("tmpfs-size"), fields.take("tmpfs-mode")];
  if (mode !== null && !/^[0-7]{3,5}$/.test(mode)) {
    throw fields.refuse(`tmpfs-mode=${quote(mode)} is not octal`);
  }
  const result = {
    ...(size !== null && { SizeBytes: parseBytes(size) }),
    ...(mode !== null && { Mode: parseInt(mode, 8) }),
  };
  return Object.keys(result).length > 0 ? { TmpfsOptions: result } : {};
}

/** `name=value,name`, each in quotes if need be, taken apart piece by piece. */
class Fields {
  readonly #text: string;
  #left: { name: string; value: string }[];

  constructor(text: string) {
    this.#text = text;
    this.#left = readCsv(text).map((field) => {
      const [name = "", value = ""] = field.split(/=(.*)/s);
      return { name: name.trim(), value };
    });
  }

  /** The last one given by any of `names`. */
  take(...names: string[]): string | null {
    return this.takeAll(...names).at(-1) ?? null;
  }

  takeAll(...names: string[]): string[] {
    const found = this.#left.filter(({ name }) => names.includes(name));
    this.#left = this.#left.filter(({ name }) => !names.includes(name));
    return found.map(({ value }) => value);
  }

  takeSwitch(...names: string[]): boolean {
    const value = this.take(...names);
    if (value === null || FALSE.includes(value)) return false;
    if (TRUE.includes(value)) return true;
    throw this.refuse(`${names[0]}=${quote(value)} is neither true nor false`);
  }

  refuseOthers(): void {
    const [other] = this.#left;
    if (other !== undefined) throw this.refuse(`${quote(other.name)} is not known`);
  }

  refuse(why: string): SyntaxError {
    return new SyntaxError(`${quote(this.#text)}: ${why}`);
  }
}
