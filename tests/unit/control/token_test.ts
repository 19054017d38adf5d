import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { readSecretFile, readToken, requireToken } from "../../../src/control/token.ts";

const GOOD = "0123456789abcdef";

/** A directory with a file of that name, text and mode. */
class Directory implements AsyncDisposable {
  readonly path = Deno.makeTempDirSync();

  async write(name: string, text: string, mode = 0o600): Promise<string> {
    const path = `${this.path}/${name}`;
    await Deno.writeTextFile(path, text);
    await Deno.chmod(path, mode);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

Deno.test("without a file and without credentials there is no token", async () => {
  await using directory = new Directory();
  assertEquals(await readToken(null, undefined), null);
  assertEquals(await readToken(null, directory.path), null);
});

Deno.test("the token is what is in the file, without white space around it", async () => {
  await using directory = new Directory();
  const path = await directory.write("token", ` ${GOOD}\n`);
  assertEquals(await readToken(path, undefined), { value: GOOD, path, warnings: [] });
});

Deno.test("the file comes before the service manager's credential", async () => {
  await using directory = new Directory();
  const credential = await directory.write("liveroll-token", "credential-credential");
  const file = await directory.write("token", GOOD);
  assertEquals((await readToken(file, directory.path))?.path, file);
  assertEquals((await readToken(null, directory.path))?.path, credential);
});

Deno.test("a file that is not there is named", async () => {
  const message = "Cannot read the control token /nowhere/token: there is no such file";
  await assertRejects(() => readToken("/nowhere/token", undefined), Error, message);
});

for (const [what, text] of Object.entries({ "nothing": "", "only space": " \n\t" })) {
  Deno.test(`${what} is no token`, async () => {
    await using directory = new Directory();
    const path = await directory.write("token", text);
    const message = `Cannot use the control token ${path}: it is empty`;
    await assertRejects(() => readToken(path, undefined), Error, message);
    await directory.write("liveroll-token", text);
    await assertRejects(() => readToken(null, directory.path), Error, "it is empty");
  });
}

for (const text of ["two words-of-a-token", "two\nlines-of-a-token", "tökentökentöken", "a\0b"]) {
  Deno.test(`${JSON.stringify(text)} cannot be sent in a header, and is not shown`, async () => {
    await using directory = new Directory();
    const path = await directory.write("token", text);
    const error = await assertRejects(() => readToken(path, undefined), Error, "one word");
    assertEquals(error.message.includes(text), false);
  });
}

Deno.test("a token that everybody may read is used, with a warning", async () => {
  await using directory = new Directory();
  const path = await directory.write("token", GOOD, 0o644);
  const token = await readToken(path, undefined);
  assertEquals(token?.value, GOOD);
  assertMatch(
    token?.warnings.join() ?? "",
    /everybody on this host can read .*token \(mode 0644\)/,
  );
});

Deno.test("a group may read the token, and the mode of a credential means nothing", async () => {
  await using directory = new Directory();
  const path = await directory.write("token", GOOD, 0o640);
  assertEquals((await readToken(path, undefined))?.warnings, []);
  await directory.write("liveroll-token", GOOD, 0o644);
  assertEquals((await readToken(null, directory.path))?.warnings, []);
});

Deno.test("a short token is used, with a warning that does not show it", async () => {
  await using directory = new Directory();
  const path = await directory.write("token", "hunter2");
  const warning = (await readToken(path, undefined))?.warnings.join() ?? "";
  assertMatch(warning, /has only 7 characters: it can be guessed$/);
  assertEquals(warning.includes("hunter2"), false);
});

Deno.test("other secrets are read in the same way, under their own name", async () => {
  await using directory = new Directory();
  const path = await directory.write("secret", "");
  const message = `Cannot use the webhook secret ${path}: it is empty`;
  await assertRejects(() => readSecretFile(path, "webhook secret"), Error, message);
});

for (const host of ["127.0.0.1", "127.3.2.1", "localhost", "::1", "[::1]", "::ffff:127.0.0.1"]) {
  Deno.test(`${host} needs no token`, () => {
    assertEquals(requireToken({ host, port: 1 }, null), null);
  });
}

for (
  const host of [
    "0.0.0.0",
    "::",
    "10.0.0.1",
    "1270.0.0.1",
    "127.0.0.1.example",
    "example",
    "",
    "::2",
    "::ffff:10.0.0.1",
    "fe80::1",
  ]
) {
  Deno.test(`"${host}" needs a token`, () => {
    assertMatch(requireToken({ host, port: 8080 }, null) ?? "", /:8080 without a token/);
    assertEquals(requireToken({ host, port: 8080 }, GOOD), null);
  });
}

Deno.test("where nobody listens no token is needed", () => {
  assertEquals(requireToken(null, null), null);
});
