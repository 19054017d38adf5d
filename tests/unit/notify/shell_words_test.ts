import { assertEquals } from "@std/assert";
import { findingOption, shellWord } from "../../../src/notify/shell_words.ts";

Deno.test("a plain word stays as it is, everything else is quoted", () => {
  for (const word of ["v1.2.3", "sha256:0af3", "a/b@c", "x+y=z,%"]) {
    assertEquals(shellWord(word), word);
  }
  assertEquals(["", "a b", "it's", "$(x)", "a;b", "*"].map(shellWord), [
    "''",
    "'a b'",
    "'it'\\''s'",
    "'$(x)'",
    "'a;b'",
    "'*'",
  ]);
});

Deno.test("an application is found by its name where that is enough, else by its directory", () => {
  assertEquals(findingOption("blog", "/var/lib/blog"), "--app blog");
  assertEquals(findingOption("blog", "/var/lib/blog/"), "--app blog");
  assertEquals(findingOption("blog", "/srv/my blog"), "--state-dir '/srv/my blog'");
  assertEquals(findingOption("blog", ".liveroll"), `--state-dir ${Deno.cwd()}/.liveroll`);
});
