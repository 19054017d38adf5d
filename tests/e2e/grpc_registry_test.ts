import { assertEquals } from "@std/assert";
import { GrpcServer } from "../helpers/grpc_server.ts";
import { type ReleaseHost, withReleases } from "../helpers/releases.ts";
import { S3Server } from "../helpers/s3_server.ts";

Deno.test("a server names the release, which is fetched from where it lies, and hears of it", () =>
  withReleases(async (host) => {
    await using server = await GrpcServer.start();
    await using bucket = await S3Server.start();
    const offer = async (tag: string) => {
      const artifact_url = await publish(host, bucket, tag);
      server.current = { id: `id of ${tag}`, tag, artifact_url };
    };
    await offer("v1.0.0");
    const liveroll = host.begin({ registry: `grpc://${server.host}?no-tls=true` });
    await liveroll.waitFor("roll.succeeded");
    await offer("v1.1.0");
    await liveroll.waitFor("roll.succeeded", { id: "v1.1.0" });
    assertEquals((await liveroll.ask()).text, "v1.1.0");
    await liveroll.stop();
    const reports = server.requests.filter(({ name }) => name === "Report");
    assertEquals(reports.map(({ id }) => id), ["id of v1.0.0", "id of v1.1.0"]);
    assertEquals([host.current(), host.kept()], ["v1.1.0", ["v1.0.0", "v1.1.0"]]);
  }));

/** @returns Where the archive is. */
async function publish(host: ReleaseHost, bucket: S3Server, tag: string): Promise<string> {
  await host.publish(tag);
  const [{ name } = { name: "" }] = [...Deno.readDirSync(`${host.registry}/${tag}`)];
  const key = `app/${tag}/${name}`;
  await bucket.put(key, await Deno.readFile(`${host.registry}/${tag}/${name}`));
  return `s3://eu-west-1/releases/${key}?endpoint=${bucket.endpoint}`;
}
