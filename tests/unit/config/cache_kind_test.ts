import { assertEquals, assertThrows } from "@std/assert";
import { cacheTarget, type StoreTarget } from "../../../src/config/cache_kind.ts";

const REDIS = {
  kind: "redis",
  host: "cache",
  port: 6379,
  db: 0,
  isTls: false,
  username: null,
  password: null,
  prefix: "liveroll/",
} as const;

const S3 = { kind: "s3", region: "eu-west-1", bucket: "bucket", endpoint: null } as const;

const CONSUL = {
  kind: "consul",
  url: "http://agent:8500",
  prefix: "liveroll/",
  datacenter: null,
} as const;

Deno.test("a cache is a directory, memory, a server, or nothing", () => {
  const stores: Record<string, StoreTarget | null> = {
    "off": null,
    "memory:": { kind: "memory" },
    "memory://": { kind: "memory" },
    "file://": { kind: "file", path: null },
    "file:///var/cache/my app": { kind: "file", path: "/var/cache/my app" },
    "redis://cache": REDIS,
    "redis://cache/": REDIS,
    "redis://cache:443": { ...REDIS, port: 443 },
    "redis://[::1]:7000/2": { ...REDIS, host: "::1", port: 7000, db: 2 },
    "rediss://:pa%25ss@cache": { ...REDIS, isTls: true, password: "pa%ss" },
    "redis://me:pw@cache?prefix=shop:": {
      ...REDIS,
      username: "me",
      password: "pw",
      prefix: "shop:",
    },
    "consul://agent": CONSUL,
    "consul://[::1]:7000/shop//blog/?dc=east": {
      ...CONSUL,
      url: "http://[::1]:7000",
      prefix: "shop/blog/",
      datacenter: "east",
    },
    "consul+https://agent/": { ...CONSUL, url: "https://agent:8501" },
    "s3://eu-west-1/bucket": { ...S3, prefix: "" },
    "s3://eu-west-1/bucket/apps//blog/": { ...S3, prefix: "apps/blog/" },
    "s3://eu-west-1/bucket/a?endpoint=http://minio:9000": {
      ...S3,
      prefix: "a/",
      endpoint: "http://minio:9000",
    },
    "gs://bucket/apps/blog": { kind: "gcs", bucket: "bucket", prefix: "apps/blog/" },
  };
  for (const [text, store] of Object.entries(stores)) {
    assertEquals(cacheTarget.parse(text), { store, registryTtlMs: null }, text);
  }
});

Deno.test("a URL can say how long the registry's answer is good", () => {
  assertEquals(cacheTarget.parse("redis://cache?registry-ttl=1m30s").registryTtlMs, 90_000);
  assertEquals(cacheTarget.parse("file://?registry-ttl=0").registryTtlMs, 0);
});

Deno.test("what makes no sense is refused, and says what would", () => {
  const complaints = {
    "": "the value is no URL, give off",
    "/var/cache": "the value is no URL, give off",
    "file://var/cache": "the path has to be absolute",
    "file:///dir?depth=1": '"depth" is not known',
    "memory://a": "remove the rest",
    "redsi://cache": 'did you mean "redis"',
    "redis:cache": "the address of Redis makes no sense",
    "redis://": "the address of Redis makes no sense",
    "redis://cache:99999": "the address of Redis makes no sense",
    "redis://cache/first": '"first" is not a whole number',
    "redis://cache?registry-ttl=soon": '"soon"',
    "redis://cache?registry-ttl=-1s": "has a sign",
    "redis://cache?prefix=a b": "has other than letters",
    "consul:agent": "the address of Consul makes no sense, give consul://HOST",
    "consul://": "the address of Consul makes no sense",
    "consul://agent:99999": "the address of Consul makes no sense",
    "consul://agent/a b": "the address of Consul makes no sense",
    "consul://agent/shop/../blog": '".." in the prefix is nothing that Consul takes',
    "consul://agent/./blog": '"." in the prefix',
    "consul://agent/my%20shop": '"my%20shop" in the prefix is nothing that Consul takes',
    "consul://agent?token=a": '"token" is not known',
    "consul://:token@agent": "give CONSUL_HTTP_TOKEN",
    "consul+http://agent": 'did you mean "consul+https"',
    "s3://eu-west-1": '"s3://eu-west-1" is not s3://REGION/BUCKET/PREFIX',
    "s3:eu-west-1/bucket": "is not s3://REGION/BUCKET/PREFIX",
    "s3://eu-west-1/bucket?endpoint=minio": 'endpoint="minio" is no URL',
    "s3://eu-west-1/bucket?constraint=^1": '"constraint" is not known',
    "s3://eu-west-1/my bucket": "has white space in it",
    "gs://": '"gs://" is not gs://BUCKET/PREFIX',
    "gs://bucket?endpoint=http://a": '"endpoint" is not known',
  };
  for (const [text, complaint] of Object.entries(complaints)) {
    assertThrows(() => cacheTarget.parse(text), Error, complaint);
  }
});

Deno.test("no complaint has a password in it", () => {
  for (
    const text of [
      "redis:me:pw-secret@cache",
      "redis://me:pw-secret@cache:99999",
      "redis://me:pw-secret@cache/x",
      "redis://me:pw-secret@cache?other=1",
      "redis://me:pw-secret%@cache",
      "redi://me:pw-secret@cache",
      "consul://me:pw-secret@agent",
      "consul:me:pw-secret@agent",
      "me:pw-secret@cache",
    ]
  ) {
    const error = assertThrows(() => cacheTarget.parse(text), Error);
    assertEquals(error.message.includes("pw-secret"), false, error.message);
  }
});
