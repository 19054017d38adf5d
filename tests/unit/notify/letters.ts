import type { Letter } from "../../../src/notify/letter.ts";

/** A letter as it could be sent. */
export function letter(parts: Partial<Letter> = {}): Letter {
  return {
    id: "7d0f9d3c-30c5-4d4c-8d0e-1c1d4e6d7c11",
    app: "blog",
    host: "web1",
    at: "2026-11-21T03:00:00.000Z",
    event: "failed",
    importance: "error",
    title: "blog on web1: v2 was refused",
    text: ["Exited with code 1.", "Running v1, wanted v2."],
    lastLines: ["one", "two"],
    roll: 17,
    from: "v1",
    to: "v2",
    running: "v1",
    command: "liveroll show 17 --app blog",
    lost: 0,
    ...parts,
  };
}

/** What {@linkcode letter} is as plain text. */
export const PLAIN_TEXT = [
  "blog on web1: v2 was refused",
  "Exited with code 1.",
  "Running v1, wanted v2.",
  "Last lines:",
  "  one",
  "  two",
  "More: liveroll show 17 --app blog",
].join("\n");
