import { assertEquals, assertStringIncludes } from "@std/assert";
import { DiskError, explainDisk } from "../../../src/artifact/disk_error.ts";

for (
  const [code, fix] of [
    ["ENOSPC", "free space there"],
    ["EDQUOT", "raise the quota"],
    ["EROFS", "mount it read-write again"],
  ] as const
) {
  Deno.test(`${code} is told with what was done, and what helps`, () => {
    const cause = Object.assign(new Error("os error"), { code });
    const error = explainDisk("write /a/b", cause);
    assertEquals(error instanceof DiskError && error.cause === cause, true);
    assertStringIncludes(String(error), "Cannot write /a/b: ");
    assertStringIncludes(String(error), fix);
    assertEquals(explainDisk("do more", error), error);
  });
}

Deno.test("other errors stay as they are", () => {
  for (const error of [new Error("x"), Object.assign(new Error("x"), { code: "EACCES" }), "text"]) {
    assertEquals(explainDisk("write /a/b", error), error);
  }
});
