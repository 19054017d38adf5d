import { assertEquals, assertRejects } from "@std/assert";
import { findToken } from "../../../../src/source/gcs/find_token.ts";
import { RegistryError } from "../../../../src/source/registry.ts";
import { GcsDouble } from "../../../helpers/gcs_double.ts";

const never = new AbortController().signal;
const NOW = Date.parse("2026-03-01T00:00:00Z");
const HOUR_MS = 3600_000;
const OFF = { NO_GCE_CHECK: "true" };

function find(env: Record<string, string>) {
  return findToken(env, () => NOW, never);
}

Deno.test("nobody in particular asks when nothing says who", async () => {
  assertEquals(await find(OFF), { text: null, endsAt: NOW + 600_000 });
});

Deno.test("a machine of Google is asked, in the way only programs on it can", async () => {
  await using double = new GcsDouble();
  const token = await find({ GCE_METADATA_HOST: double.host });
  assertEquals(token, { text: "ya29.secret1", endsAt: NOW + HOUR_MS });
});

Deno.test("a machine of somebody else's asks as nobody in particular", async () => {
  await using double = new GcsDouble();
  double.refusal = () => new Response("", { status: 404 });
  assertEquals((await find({ GCE_METADATA_HOST: double.host })).text, null);
});

Deno.test("a server in Google's place is told nothing that it was not meant to be told", async () => {
  await using double = new GcsDouble();
  const env = { STORAGE_EMULATOR_HOST: "localhost:1", GCE_METADATA_HOST: double.host };
  assertEquals((await find(env)).text, null);
  assertEquals(double.requests, []);
});

Deno.test("a user who has logged in is found", async () => {
  await using double = new GcsDouble();
  double.date = () => NOW;
  const home = await Deno.makeTempDir({ prefix: "liveroll-google-" });
  try {
    const directory = `${home}/.config/gcloud`;
    await Deno.mkdir(directory, { recursive: true });
    const path = `${directory}/application_default_credentials.json`;
    await Deno.writeTextFile(path, JSON.stringify(double.keyFile()));
    assertEquals((await find({ ...OFF, HOME: home })).text, "ya29.secret1");
    assertEquals((await find({ ...OFF, CLOUDSDK_CONFIG: directory })).text, "ya29.secret2");
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("a file that is named and not there is an error", async () => {
  const env = { ...OFF, GOOGLE_APPLICATION_CREDENTIALS: "/nowhere.json" };
  const error = await assertRejects(() => find(env), RegistryError, "Cannot read /nowhere.json");
  assertEquals(error.kind, "unauthorized");
});

Deno.test("looking for a token ends with its signal", async () => {
  await using double = new GcsDouble();
  const stop = new AbortController();
  double.refusal = () => {
    stop.abort(new Error("enough"));
    return null;
  };
  const env = { GCE_METADATA_HOST: double.host };
  await assertRejects(() => findToken(env, () => NOW, stop.signal), Error, "enough");
});
