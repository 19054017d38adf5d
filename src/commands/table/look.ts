import type { Command } from "../command.ts";
import { countFlag, switchFlag } from "../flags.ts";
import { JSON_FLAG, talk, TALK_FLAGS } from "../talk.ts";
import { verb } from "../verb.ts";

const MOST_ROLLS = 1_000;
const MOST_LINES = 10_000;

/** Commands that show what is going on. */
export const LOOK: readonly Command[] = [
  verb({
    name: "status",
    group: "Look",
    summary: "what runs, what waits and why",
    about: `\
Shows what runs since when, what waits and why, settings that hold, and the last
rolls. If liveroll does not run: what ran last, and exit code 3.`,
    flags: { ...TALK_FLAGS, watch: switchFlag("show it again whenever it changes") },
    run: (asked) =>
      talk(asked, async (talk) => {
        const { status } = await import("../status.ts");
        return await status(talk, asked.values);
      }),
  }),
  verb({
    name: "history",
    group: "Look",
    summary: "the last rolls",
    about: `\
Shows the last rolls, the newest at the bottom (with --json: the newest first).
Works from the records, too, if liveroll does not run.`,
    flags: { ...TALK_FLAGS, n: countFlag("20", MOST_ROLLS, "number of rolls") },
    run: (asked) =>
      talk(asked, async (talk) => {
        const { history } = await import("../history.ts");
        return await history(talk, { limit: asked.values.n });
      }),
  }),
  verb({
    name: "show",
    group: "Look",
    summary: "one roll, phase by phase",
    about: `\
Shows one roll: phases, what a refused version printed last, and everything that
was told of it. Works from the records, too, if liveroll does not run.`,
    words: [{ name: "ROLL", required: true, isNumber: true }],
    flags: TALK_FLAGS,
    run: (asked) =>
      talk(asked, async (talk) => {
        const { show } = await import("../show.ts");
        return await show(talk, { roll: Number(asked.words[0]) });
      }),
  }),
  verb({
    name: "logs",
    group: "Look",
    summary: "what the application printed",
    about: `\
Shows the last lines that the application printed, of one roll or of all. With
--child-logs inherit liveroll does not see them. With --json: one object a line.`,
    words: [{ name: "ROLL", isNumber: true }],
    flags: {
      ...TALK_FLAGS,
      follow: switchFlag("go on with the lines that come", "f"),
      n: countFlag("100", MOST_LINES, "number of lines"),
    },
    run: (asked) =>
      talk(asked, async (talk) => {
        const { logs } = await import("../logs.ts");
        const { words: [roll], values: { follow, n: limit } } = asked;
        return await logs(talk, { roll: roll === undefined ? null : Number(roll), limit, follow });
      }),
  }),
  verb({
    name: "why",
    group: "Look",
    summary: "what was seen and decided",
    about: `\
Shows the last decisions, the newest at the bottom. Works from the records, too,
if liveroll does not run.`,
    flags: { ...TALK_FLAGS, n: countFlag("20", MOST_ROLLS, "number of decisions") },
    run: (asked) =>
      talk(asked, async (talk) => {
        const { why } = await import("../why.ts");
        return await why(talk, { limit: asked.values.n });
      }),
  }),
  verb({
    name: "ps",
    group: "Look",
    summary: "all applications of this host",
    about: `\
Lists the applications of this host: every liveroll that listens to commands,
and whatever has its state in /var/lib but does not run.`,
    flags: JSON_FLAG,
    run: async ({ io, values }) => {
      const { ps } = await import("../ps.ts");
      return await ps(io, { json: values.json });
    },
  }),
];
