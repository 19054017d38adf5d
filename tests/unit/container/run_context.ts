import type { RunContext } from "../../../src/container/run/draft.ts";

/** Files and environment of nobody in particular. */
export const CONTEXT: RunContext = {
  env: { FROM_HERE: "here", EMPTY: "" },
  cwd: "/srv/app",
  readTextFile(path) {
    if (path === "/srv/app/latin.env") throw new Deno.errors.InvalidData("it is not UTF-8");
    const text = FILES[path];
    if (text === undefined) throw new Deno.errors.NotFound(path);
    return text;
  },
};

const FILES: Readonly<Record<string, string>> = {
  "/srv/app/app.env":
    '\uFEFF# ours\n\nMODE=production\r\n  QUOTED="a b"\nFROM_HERE\nNOT_HERE\nA=1=2\n',
  "/etc/other.env": "\uFEFFMODE=other",
  "/srv/app/bad.env": "A=1\nto ken=hunter2\n",
  "/srv/app/nameless.env": "=hunter2\n",
};
