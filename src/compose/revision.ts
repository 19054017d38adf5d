import { createHash } from "node:crypto";
import { parseImageName } from "../image/image_reference.ts";

/** What is different from the operator's own files, for one version of the application. */
export interface Revision {
  /** Tells one from another: the same content, the same id. */
  readonly id: string;
  /** Images by service, each named by its digest. */
  readonly images: Readonly<Record<string, string>>;
  /** Ports of containers that are published on loopback, wherever there is room, by service. */
  readonly ports: Readonly<Record<string, readonly number[]>>;
  /** Services that compose would pull by itself: what was verified is here already. */
  readonly unpulled: readonly string[];
  /** Labels of the containers, `liveroll.` before each name. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Makes a revision.
 *
 * @throws {SyntaxError} When something cannot be an image.
 * @throws {Error} When an image is named by a tag: what was verified has to be what runs.
 */
export function createRevision(
  images: Readonly<Record<string, string>>,
  { ports = {}, labels = {}, unpulled = [] }: Partial<Omit<Revision, "id" | "images">> = {},
): Revision {
  for (const [service, image] of Object.entries(images)) requirePinned(service, image);
  const content = { images: sorted(images), ports: sorted(ports), labels: sorted(labels) };
  const whole = { ...content, unpulled: unpulled.toSorted() };
  return { id: digest(JSON.stringify(whole)), ...whole };
}

/** The override file of a revision: JSON, which compose reads as YAML. */
export function overrideText({ images, ports, labels, unpulled }: Revision): string {
  const names = [...new Set([...Object.keys(images), ...Object.keys(ports)])].toSorted();
  const services = Object.fromEntries(names.map((name) => [name, {
    ...(images[name] !== undefined && { image: images[name] }),
    // Only where the file has one: its format may not know the word.
    ...(unpulled.includes(name) && { pull_policy: "never" }),
    ...(ports[name] !== undefined && { ports: ports[name].map((port) => `127.0.0.1::${port}`) }),
    labels: Object.fromEntries(
      // Compose would take a dollar for the beginning of a variable.
      Object.entries(labels).map(([key, value]) => [
        `liveroll.${key}`,
        value.replaceAll("$", () => "$$"),
      ]),
    ),
  }]));
  // No version: compose 1 takes that of the operator's own file, compose 2 needs none.
  return `${JSON.stringify({ services }, null, 2)}\n`;
}

function requirePinned(service: string, image: string): void {
  const name = parseImageName(image);
  if (name.kind === "id" || name.reference.digest !== null) return;
  throw new Error(
    `Cannot run ${
      JSON.stringify(image)
    } as ${service}: an image has to be named by its digest, as ` +
      "in name@sha256:…",
  );
}

/** The order in which things were named makes no difference. */
function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => a < b ? -1 : 1));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
