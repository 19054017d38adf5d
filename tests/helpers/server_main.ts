// `liveroll server` in place of `liveroll`, for tests that start the program with flags only: the
// command behind the two dashes is in LIVEROLL_TEST_COMMAND, a word on each line.
import { systemIo } from "../../src/commands/command.ts";
import { main } from "../../src/commands/mod.ts";

const command = (Deno.env.get("LIVEROLL_TEST_COMMAND") ?? "").split("\n");
Deno.env.delete("LIVEROLL_TEST_COMMAND");
Deno.exit(await main(["server", ...Deno.args, "--", ...command], systemIo()));
