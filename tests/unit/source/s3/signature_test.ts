// The examples of "Signature Calculations for the Authorization Header" in AWS's manual of S3.
import { assertEquals } from "@std/assert";
import { sign } from "../../../../src/source/s3/signature.ts";

const KEYS = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  sessionToken: null,
};
const HOST = "https://examplebucket.s3.amazonaws.com";
const AT = { region: "us-east-1", date: Date.parse("2013-05-24T00:00:00Z") };

const EXAMPLES: readonly [string, Parameters<typeof sign>[1], string, string][] = [
  [
    "getting a part of an object",
    { ...AT, method: "GET", url: `${HOST}/test.txt`, headers: { Range: "bytes=0-9" } },
    "host;range;x-amz-content-sha256;x-amz-date",
    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  ],
  [
    "putting an object",
    {
      ...AT,
      method: "PUT",
      url: `${HOST}/test%24file.text`,
      headers: {
        Date: "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
      },
      body: "Welcome to Amazon S3.",
    },
    "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  ],
  [
    "asking for a setting of a bucket",
    { ...AT, method: "GET", url: `${HOST}/?lifecycle=` },
    "host;x-amz-content-sha256;x-amz-date",
    "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
  ],
  [
    "listing a bucket",
    { ...AT, method: "GET", url: `${HOST}/?max-keys=2&prefix=J` },
    "host;x-amz-content-sha256;x-amz-date",
    "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  ],
];

for (const [what, options, signedHeaders, signature] of EXAMPLES) {
  Deno.test(`${what} is signed as in AWS's example`, async () => {
    const { headers } = await sign(KEYS, options);
    assertEquals(
      headers.authorization,
      "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, " +
        `SignedHeaders=${signedHeaders}, Signature=${signature}`,
    );
  });
}

Deno.test("the token of a session is signed, too", async () => {
  const keys = { ...KEYS, sessionToken: "token" };
  const { headers } = await sign(keys, { ...AT, method: "GET", url: HOST });
  assertEquals(headers["x-amz-security-token"], "token");
  assertEquals(headers.authorization?.includes(";x-amz-security-token,"), true);
});
