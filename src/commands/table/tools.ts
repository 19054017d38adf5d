import type { Command } from "../command.ts";
import { switchFlag } from "../flags.ts";
import { talk, TALK_FLAGS } from "../talk.ts";
import { verb } from "../verb.ts";

/** The shells that completions can be had for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** Commands that help to work with liveroll; `all` gives every command there is. */
export function tools(all: () => readonly Command[]): readonly Command[] {
  return [
    verb({
      name: "doctor",
      group: "Tools",
      summary: "what differs between the journal and reality",
      about: `\
Compares the journal with what really runs. Exit code 1 if something is wrong
and stays so.`,
      flags: { ...TALK_FLAGS, fix: switchFlag("mend what can be mended") },
      run: (asked) =>
        talk(asked, async (talk) => {
          const { doctor } = await import("../doctor.ts");
          return await doctor(talk, asked.values);
        }),
    }),
    verb({
      name: "completions",
      group: "Tools",
      summary: "print completions for a shell",
      about: `\
Prints a script that completes commands and flags:

  bash  liveroll completions bash > /etc/bash_completion.d/liveroll
  zsh   liveroll completions zsh > "\${fpath[1]}/_liveroll"
  fish  liveroll completions fish > ~/.config/fish/completions/liveroll.fish`,
      words: [{ name: SHELLS.join("|"), required: true, choices: SHELLS }],
      flags: {},
      run: async ({ io, words: [shell] }) => {
        const { completions } = await import("../completions.ts");
        io.out(completions(SHELLS.find((known) => known === shell) ?? "bash", all()));
        return 0;
      },
    }),
  ];
}
