import { systemIo } from "./src/commands/command.ts";
import { main } from "./src/commands/mod.ts";

Deno.exit(await main(Deno.args, systemIo()));
