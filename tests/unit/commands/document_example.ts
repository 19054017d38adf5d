import { assertEquals } from "@std/assert";
import { main } from "../../../src/commands/mod.ts";
import { examplesIn } from "../../helpers/document.ts";
import { runScript } from "../../helpers/registry_examples.ts";
import { fakeIo } from "./fake_io.ts";

/** Every example of a document prints what stands below it; what is refused exits with 2. */
export function testExamples(path: string, document: string, mark: string): void {
  for (const { name, script, expected } of examplesIn(document, mark)) {
    Deno.test(`the example of ${path} prints what it says: ${name}`, async () => {
      const directory = await Deno.makeTempDir({ prefix: "liveroll-example-" });
      try {
        const { args } = await runScript(script, directory);
        const io = fakeIo();
        const code = await main(args, io);
        assertEquals([...io.complained, ...io.printed].join("\n"), expected.trimEnd());
        assertEquals(code, io.printed.length > 0 ? 0 : 2);
      } finally {
        await Deno.remove(directory, { recursive: true });
      }
    });
  }
}
