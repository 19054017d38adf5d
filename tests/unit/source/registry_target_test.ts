import { assertEquals, assertThrows } from "@std/assert";
import { registryTarget } from "../../../src/source/registry_target.ts";

const WISH = { preRelease: false, artifact: null, calver: null, constraint: null };

const GOOD: readonly [string, Record<string, unknown>][] = [
  ["ghr://linyows/app", { kind: "github", owner: "linyows", repo: "app", wish: WISH }],
  [
    "ghr://o/r?pre-release=true&artifact=app.tgz&calver=YYYY.0M",
    { kind: "github", wish: { ...WISH, preRelease: true, artifact: "app.tgz", calver: "YYYY.0M" } },
  ],
  [
    "s3://eu-west-1/bucket/some/path",
    { kind: "s3", region: "eu-west-1", bucket: "bucket", prefix: "some/path/", endpoint: null },
  ],
  [
    "s3://jp-north-1/bucket/?endpoint=http://127.0.0.1:9000",
    { kind: "s3", prefix: "", endpoint: "http://127.0.0.1:9000" },
  ],
  ["gs://bucket", { kind: "gcs", bucket: "bucket", prefix: "", wish: WISH }],
  [
    "gs://my.bucket/some//path/?artifact=app.tgz",
    {
      kind: "gcs",
      bucket: "my.bucket",
      prefix: "some/path/",
      wish: { ...WISH, artifact: "app.tgz" },
    },
  ],
  ["img://docker.io/nginx", { kind: "oci", host: "docker.io", repository: "library/nginx" }],
  ["img://localhost/a/b", { kind: "oci", host: "localhost", repository: "a/b" }],
  [
    "img://127.0.0.1:5000/team/my_app?pre-release=true&constraint=^1",
    {
      kind: "oci",
      host: "127.0.0.1:5000",
      repository: "team/my_app",
      wish: { ...WISH, preRelease: true, constraint: "^1" },
    },
  ],
  ["grpc://127.0.0.1:9000", { kind: "grpc", host: "127.0.0.1:9000", isPlain: false, wish: WISH }],
  [
    "grpc://releases.example:9000?no-tls=true&artifact=app.tgz",
    { kind: "grpc", isPlain: true, wish: { ...WISH, artifact: "app.tgz" } },
  ],
  ["file:///srv/releases", { kind: "directory", path: "/srv/releases", wish: WISH }],
  ["https://example.org/index.json", { kind: "index", url: "https://example.org/index.json" }],
  [
    "https://example.org/i.json?key=1&constraint=^1.2",
    {
      kind: "index",
      url: "https://example.org/i.json?key=1",
      wish: { ...WISH, constraint: "^1.2" },
    },
  ],
];

for (const [text, expected] of GOOD) {
  Deno.test(`a registry is read: ${text}`, () => {
    const target = { ...registryTarget.parse(text) };
    const seen = Object.fromEntries(
      Object.keys(expected).map((key) => [key, target[key as keyof typeof target]]),
    );
    assertEquals(seen, expected);
  });
}

const BAD: readonly [string, string][] = [
  ["linyows/app", "has no scheme"],
  ["ftp://host/dir", '"ftp" is no kind of registry'],
  ["ghr://linyows", "is not ghr://OWNER/REPO"],
  ["ghr://a/b/c", "is not ghr://OWNER/REPO"],
  ["s3://region", "is not s3://REGION/BUCKET/PREFIX"],
  ["s3://r/b?endpoint=nowhere", 'endpoint="nowhere" is no URL'],
  ["gs://", "is not gs://BUCKET/PREFIX"],
  ["gs://b/p?endpoint=http://h", 'the parameter "endpoint" is not known here'],
  ["img://docker.io", "is not img://HOST/REPO"],
  ["img://docker.io/App", "is not img://HOST/REPO"],
  ["img://docker.io/../app", "is not img://HOST/REPO"],
  ["img://owner/app", "names no host, give for example img://docker.io/REPO"],
  ["img://docker.io/app:v1.0.0", "leave out its tag"],
  ["img://docker.io/app@sha256:0", "leave out its tag"],
  ["img://docker.io/app?artifact=a", "images have no artifact"],
  ["grpc://host", "is not grpc://HOST:PORT"],
  ["grpc://host:1/path", "is not grpc://HOST:PORT"],
  ["grpc://user@host:1", "is not grpc://HOST:PORT"],
  ["grpc://host:1?no-tls=maybe", 'no-tls="maybe" is neither true nor false'],
  ["file://srv/releases", "the path has to be absolute"],
  ["file:///", "the path has to be absolute"],
  ["ghr://a/b?prerelease=true", 'the parameter "prerelease" is not known here'],
  ["ghr://a/b?pre-release=maybe", 'pre-release="maybe" is neither true nor false'],
  ["ghr://a/b c", "white space"],
];

for (const [text, complaint] of BAD) {
  Deno.test(`a registry is refused: ${text}`, () => {
    assertThrows(() => registryTarget.parse(text), SyntaxError, complaint);
  });
}
