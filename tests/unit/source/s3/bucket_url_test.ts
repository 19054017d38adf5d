import { assertEquals, assertThrows } from "@std/assert";
import { bucketUrl } from "../../../../src/source/s3/bucket_url.ts";

const PLACE = { region: "eu-west-1", bucket: "apps", prefix: "", endpoint: null };

const URLS: readonly [Partial<Parameters<typeof bucketUrl>[0]>, Record<string, string>, string][] =
  [
    [{}, {}, "https://apps.s3.eu-west-1.amazonaws.com"],
    [{ bucket: "apps.acme" }, {}, "https://s3.eu-west-1.amazonaws.com/apps.acme"],
    [{ region: "cn-north-1" }, {}, "https://apps.s3.cn-north-1.amazonaws.com.cn"],
    [{ endpoint: "http://minio:9000/" }, {}, "http://minio:9000/apps"],
    [{}, { AWS_ENDPOINT_URL: "https://host/s3" }, "https://host/s3/apps"],
    [{}, { AWS_ENDPOINT_URL: "https://a", AWS_ENDPOINT_URL_S3: "https://b" }, "https://b/apps"],
    [
      { endpoint: "http://minio:9000" },
      { AWS_ENDPOINT_URL: "https://a" },
      "http://minio:9000/apps",
    ],
  ];

for (const [place, env, url] of URLS) {
  Deno.test(`${JSON.stringify([place, env])} is the bucket ${url}`, () => {
    assertEquals(bucketUrl({ ...PLACE, ...place }, env), url);
  });
}

Deno.test("a bucket cannot be where there is nothing", () => {
  const bad = { AWS_ENDPOINT_URL: "nowhere" };
  assertThrows(() => bucketUrl(PLACE, bad), Error, 'AWS_ENDPOINT_URL="nowhere" is no URL');
  const region = "eu.example:80";
  assertThrows(
    () => bucketUrl({ ...PLACE, region }, {}),
    Error,
    'no bucket "apps" in eu.example:80',
  );
});
