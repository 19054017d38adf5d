import { BucketStore } from "../../../src/cache/bucket_store.ts";
import { ConsulStore } from "../../../src/cache/consul_store.ts";
import { FileStore } from "../../../src/cache/file_store.ts";
import { MemoryStore } from "../../../src/cache/memory_store.ts";
import { RedisStore } from "../../../src/cache/redis_store.ts";
import type { Store } from "../../../src/cache/store.ts";
import type { Clock } from "../../../src/platform/clock.ts";
import { openGcs } from "../../../src/source/gcs/open_gcs.ts";
import { openS3 } from "../../../src/source/s3/open_s3.ts";
import { ConsulDouble } from "../../helpers/consul_double.ts";
import { GcsDouble } from "../../helpers/gcs_double.ts";
import { RedisServer } from "../../helpers/redis_server.ts";
import { S3Double } from "../../helpers/s3_double.ts";
import { needs, program } from "../../helpers/skip.ts";

/** A place that hosts share, for the time of a test. */
export interface SharedPlace extends AsyncDisposable {
  readonly store: Store;
}

/** One kind of place. */
export interface PlaceKind {
  open(clock: Clock): Promise<SharedPlace>;
  readonly skip?: { ignore?: boolean };
}

const S3_KEYS = { accessKeyId: "AKID", secretAccessKey: "secret" };
const S3_ENV = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "secret" };

/** Every kind of place where a fleet may take turns, and memory, which tests use in their stead. */
export const PLACES: Readonly<Record<string, PlaceKind>> = {
  memory: {
    open: (clock) => place(new MemoryStore(() => clock.now()), () => {}),
  },
  file: {
    async open(clock) {
      const directory = await Deno.makeTempDir({ prefix: "liveroll-fleet-" });
      const options = { now: () => clock.now(), date: Date.now, downloads: directory };
      const store = await FileStore.open(directory, options);
      return await place(store, () => Deno.remove(directory, { recursive: true }));
    },
  },
  redis: {
    async open() {
      const server = await RedisServer.start();
      return await place(
        new RedisStore(server.place("p:")),
        () => server[Symbol.asyncDispose](),
      );
    },
    skip: needs(program("redis-server")),
  },
  consul: {
    open() {
      const double = new ConsulDouble();
      const url = `http://${double.host}`;
      const store = new ConsulStore({ url, prefix: "liveroll/", datacenter: null, token: null });
      return place(store, () => double[Symbol.asyncDispose]());
    },
  },
  // Who asks has the rights that the documents name, and may delete nothing.
  s3: {
    open(clock) {
      const double = new S3Double();
      double.keys = S3_KEYS;
      double.refusal = ({ method }) => method === "DELETE" ? forbidden() : null;
      const at = {
        ...{ region: "eu-west-1", bucket: "releases", prefix: "" },
        endpoint: double.endpoint,
      };
      const store = new BucketStore(openS3(at, S3_ENV, Date.now), "fleet/", clock);
      return place(store, () => double[Symbol.asyncDispose]());
    },
  },
  gs: {
    async open(clock) {
      const double = new GcsDouble();
      const bucket = await openGcs("releases", { STORAGE_EMULATOR_HOST: double.host }, Date.now);
      const store = new BucketStore(bucket, "fleet/", clock);
      return await place(store, () => double[Symbol.asyncDispose]());
    },
  },
};

function place(store: Store, end: () => void | Promise<void>): Promise<SharedPlace> {
  return Promise.resolve({
    store,
    async [Symbol.asyncDispose]() {
      await store.close();
      await end();
    },
  });
}

function forbidden(): Response {
  return new Response("<Error><Code>AccessDenied</Code></Error>", { status: 403 });
}
