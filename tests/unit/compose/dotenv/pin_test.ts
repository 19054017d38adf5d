import { assertEquals } from "@std/assert";
import { EnvPin } from "../../../../src/compose/dotenv/pin.ts";
import { TempDirectory } from "../../artifact/temp_directory.ts";

const TEXT = "# by hand\r\nexport V='v1' # live\r\nTOKEN=secret";

/** An environment file, and what is remembered beside it. */
class Home extends TempDirectory {
  readonly file = `${this.path}/.env`;
  readonly warnings: string[] = [];

  constructor(text = TEXT) {
    super();
    Deno.writeTextFileSync(this.file, text);
  }

  /** A new one knows what an old one has written down. */
  pin(): EnvPin {
    return new EnvPin({
      path: this.file,
      key: "V",
      recordPath: `${this.path}/env.json`,
      warn: (message) => void this.warnings.push(message),
    });
  }

  get text(): string {
    return Deno.readTextFileSync(this.file);
  }
}

Deno.test("a version is named, and the one before comes back to the last byte", async () => {
  using home = new Home();
  await home.pin().set("v2");
  assertEquals(home.text, TEXT.replace("'v1'", "v2"));
  assertEquals(await home.pin().value(), "v2");
  await home.pin().set("v1");
  assertEquals([home.text, home.names()], [TEXT, [".env"]]);
});

Deno.test("what is named already is not written again", async () => {
  using home = new Home();
  await home.pin().set("v1");
  assertEquals([home.text, home.names()], [TEXT, [".env"]]);
});

Deno.test("only the last change is taken back, and only if it is the one that is meant", async () => {
  using home = new Home();
  await home.pin().set("v2");
  await home.pin().takeBack("v3");
  assertEquals(await home.pin().value(), "v2");
  await home.pin().set("v3");
  await home.pin().takeBack("v3");
  assertEquals(home.text, TEXT.replace("'v1'", "v2"));
  await home.pin().takeBack("v2");
  assertEquals(await home.pin().value(), "v2", "nothing is known of that any more");
});

Deno.test("a change that was written down and never made is no obstacle", async () => {
  using home = new Home();
  await home.pin().set("v2");
  Deno.writeTextFileSync(home.file, TEXT);
  await home.pin().set("v1");
  assertEquals([home.text, home.names()], [TEXT, [".env"]]);
});

Deno.test("what somebody has changed meanwhile stays, and that is told", async () => {
  using home = new Home();
  await home.pin().set("v2");
  Deno.writeTextFileSync(home.file, `${home.text}\nMORE=1\n`);
  await home.pin().takeBack("v2");
  assertEquals(home.text, `${TEXT}\nMORE=1\n`);
  assertEquals(home.warnings, [
    `${home.file} was changed by somebody else: only V was put back`,
  ]);
});

Deno.test("a variable that is assigned twice is worth a warning", async () => {
  using home = new Home("V=a\nV=b\n");
  await home.pin().set("c");
  assertEquals(home.text, "V=a\nV=c\n");
  assertEquals(home.warnings, [`${home.file} assigns V in lines 1, 2: only the last one counts`]);
});
