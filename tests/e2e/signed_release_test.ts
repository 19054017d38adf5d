import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { cosignStandIn } from "../helpers/cosign_stand_in.ts";
import { named } from "../helpers/named.ts";
import { type ReleaseHost, withReleases } from "../helpers/releases.ts";

const { os, arch } = Deno.build;
const NAME = `app_${os}_${arch}.tar.gz`;
const IDENTITY = "https://github.com/o/r/.github/workflows/release.yml@refs/tags/{{tag}}";
const ISSUER = "https://token.actions.githubusercontent.com";
const SIGNER = { "cosign-identity": IDENTITY, "cosign-issuer": ISSUER };

/** Adds a file to a release that is public already. */
async function add(host: ReleaseHost, tag: string, name: string, text: string): Promise<void> {
  await Deno.writeTextFile(`${host.registry}/.new`, text);
  await Deno.rename(`${host.registry}/.new`, `${host.registry}/${tag}/${name}`);
}

Deno.test("a release waits for its cosign signature, and is refused when cosign refuses it", () =>
  withReleases(async (host) => {
    await host.publish("v1.0.0");
    await add(host, "v1.0.0", `${NAME}.sigstore.json`, "a good bundle");
    const bare = host.begin(SIGNER, { PATH: "/nonexistent" });
    assertEquals((await bare.end()).code, 2);
    await bare.waitForText("Cannot use --cosign-identity: the program cosign is not on PATH");

    const bin = `${host.home.workspace.dir}/bin`;
    await Deno.mkdir(bin);
    const script = `grep -q good "$3" || { echo "no matching signatures" >&2; exit 1; }`;
    const cosign = cosignStandIn(bin, script);
    const PATH = `${bin}:${Deno.env.get("PATH")}`;
    const liveroll = host.begin(SIGNER, { PATH });
    await liveroll.waitFor("roll.succeeded", { id: "v1.0.0" });
    const path = `${host.home.stateDir}/downloads/v1.0.0--${NAME}`;
    assertEquals(cosign.called(), [
      ...["verify-blob", "--bundle", `${path}.cosign`],
      ...["--certificate-identity", IDENTITY.replace("{{tag}}", "v1.0.0")],
      ...["--certificate-oidc-issuer", ISSUER],
      path,
    ]);

    await host.publish("v1.1.0");
    const lack = `v1.1.0 has no cosign signature for ${NAME} yet: it is being published`;
    await liveroll.waitForText(lack);
    await add(host, "v1.1.0", `${NAME}.bundle`, "another good bundle");
    await liveroll.waitFor("roll.succeeded", { id: "v1.1.0" });
    assertEquals(liveroll.events("roll.failed"), []);

    await host.publish("v1.2.0");
    await add(host, "v1.2.0", `${NAME}.bundle`, "forged");
    const { reason, detail } = await liveroll.waitFor("roll.failed", { id: "v1.2.0" });
    assertEquals(reason, "fetch_failed");
    assertStringIncludes(detail, "cosign says: no matching signatures");
    assertEquals((await liveroll.ask()).text, "v1.1.0");
    using client = host.home.client();
    const { findings } = await client.doctor(false);
    assertMatch(findings.map(({ message }) => message).join(), new RegExp(`by ${cosign.path}`));
    await liveroll.stop();
    assertEquals(host.kept(), ["v1.0.0", "v1.1.0"]);
    assertEquals([...Deno.readDirSync(`${host.home.stateDir}/downloads`)], []);
  }));

for (const program of named("COSIGN")?.split(":") ?? []) {
  Deno.test(`${program}: a release is signed by a key, and another one by somebody else`, () =>
    withReleases(async (host) => {
      const { dir } = host.home.workspace;
      const run = async (...args: string[]) => {
        const env = { COSIGN_PASSWORD: "" };
        const options = { args, cwd: dir, env };
        const { success, stderr } = await new Deno.Command(program, options).output();
        assert(success, new TextDecoder().decode(stderr));
      };
      /** Publishes it when it is complete. */
      const publish = async (tag: string, key: string) => {
        await host.publish(`.${tag}`);
        const path = `${host.registry}/.${tag}/${NAME}`;
        const words = ["--yes", "--tlog-upload=false", "--use-signing-config=false"];
        words.push("--new-bundle-format", "--bundle", `${path}.sigstore.json`, path);
        await run("sign-blob", "--key", `${key}.key`, ...words);
        host.home.workspace.setBehaviour(tag, {});
        await Deno.rename(`${host.registry}/.${tag}`, `${host.registry}/${tag}`);
      };
      for (const key of ["ours", "theirs"]) {
        await run("generate-key-pair", "--output-key-prefix", key);
      }
      await Deno.mkdir(`${dir}/bin`);
      await Deno.symlink(program, `${dir}/bin/cosign`);
      const env = { PATH: `${dir}/bin:${Deno.env.get("PATH")}` };
      await publish("v1.0.0", "ours");
      const liveroll = host.begin({ "cosign-key": `${dir}/ours.pub` }, env);
      await liveroll.waitFor("roll.succeeded", { id: "v1.0.0" });
      await publish("v1.1.0", "theirs");
      const { detail } = await liveroll.waitFor("roll.failed", { id: "v1.1.0" });
      assertStringIncludes(detail, "cosign says: failed to verify signature");
      assertEquals((await liveroll.ask()).text, "v1.0.0");
      await liveroll.stop();
    }));
}
