/** What the double was asked. */
export interface ConsulDoubleRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly token: string | null;
}

interface Entry {
  readonly value: Uint8Array<ArrayBuffer>;
  readonly modifyIndex: number;
  readonly lockIndex: number;
  readonly session: string | null;
}

interface Session {
  readonly ttlMs: number;
  endsAt: number;
}

const MAX_VALUE_BYTES = 512 * 1024;

/**
 * A double of the parts of Consul that a cache uses, `/v1/kv` and `/v1/session`: values, locks with
 * `acquire` and `release`, sessions that end. It runs by a clock of its own, and lets a session live
 * for twice its time, as Consul does. What it does is what the real one does (`consul_claims.ts`).
 */
export class ConsulDouble implements AsyncDisposable {
  readonly requests: ConsulDoubleRequest[] = [];
  readonly entries = new Map<string, Entry>();
  /** The one token that is taken; null: everybody may ask. */
  token: string | null = null;
  readonly #sessions = new Map<string, Session>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #now = 0;
  #index = 0;

  constructor() {
    const at = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(at, (request) => this.#answer(request));
  }

  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  /** How many sessions there are. */
  get sessions(): number {
    return this.#sessions.size;
  }

  /** Lets so much time pass. */
  pass(ms: number): void {
    this.#now += ms;
    for (const [id, { endsAt }] of this.#sessions) {
      if (endsAt <= this.#now) this.#end(id);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, search, searchParams } = new URL(request.url);
    const { method, headers } = request;
    const token = headers.get("x-consul-token");
    this.requests.push({ method, path: pathname + search, token });
    const body = await request.bytes();
    if (this.token !== null && token !== this.token) {
      return new Response("Permission denied: secret", { status: 403 });
    }
    const [, version, area, ...rest] = pathname.split("/");
    if (version !== "v1") return new Response(null, { status: 404 });
    if (area === "session") return this.#session(rest, body);
    if (area !== "kv") return new Response(null, { status: 404 });
    const key = rest.map(decodeURIComponent).join("/");
    if (isHidden(key)) return new Response("invalid key name", { status: 500 });
    if (searchParams.has("keys")) return Response.json([...this.entries.keys()].sort());
    if (method === "GET") return this.#get(key, searchParams);
    if (method === "PUT") return this.#put(key, searchParams, body);
    this.entries.delete(key);
    return Response.json(true);
  }

  #session([verb, id = ""]: readonly string[], body: Uint8Array): Response {
    const session = this.#sessions.get(id);
    switch (verb) {
      case "create":
        return this.#begin(JSON.parse(new TextDecoder().decode(body)));
      case "renew":
        if (session === undefined) {
          return new Response(`Session id '${id}' not found`, { status: 404 });
        }
        session.endsAt = this.#now + 2 * session.ttlMs;
        return Response.json([{ ID: id }]);
      case "destroy":
        this.#end(id);
        return Response.json(true);
      case "list":
        return Response.json([...this.#sessions.keys()].map((ID) => ({ ID })));
    }
    return new Response(null, { status: 404 });
  }

  #begin({ TTL, LockDelay, Behavior }: Record<string, string>): Response {
    const seconds = Number(/^(\d+)s$/.exec(TTL ?? "")?.[1] ?? NaN);
    if (!(seconds >= 10 && seconds <= 86_400)) {
      return new Response("Invalid Session TTL, must be between [10s=24h]", { status: 500 });
    }
    // By default, and that is 15 s, locks would be kept back; this double knows none of it.
    if (LockDelay !== "1ms" || Behavior !== "release") return new Response("", { status: 400 });
    const id = crypto.randomUUID();
    const ttlMs = seconds * 1000;
    this.#sessions.set(id, { ttlMs, endsAt: this.#now + 2 * ttlMs });
    return Response.json({ ID: id });
  }

  #end(id: string): void {
    this.#sessions.delete(id);
    for (const [key, entry] of this.entries) {
      if (entry.session === id) this.entries.set(key, { ...entry, session: null });
    }
  }

  #get(key: string, query: URLSearchParams): Response {
    const entry = this.entries.get(key);
    if (entry === undefined) return new Response(null, { status: 404 });
    if (query.has("raw")) return new Response(entry.value);
    return Response.json([{
      Key: key,
      LockIndex: entry.lockIndex,
      ModifyIndex: entry.modifyIndex,
      Value: entry.value.length === 0 ? null : entry.value.toBase64(),
      ...(entry.session !== null && { Session: entry.session }),
    }]);
  }

  #put(key: string, query: URLSearchParams, value: Uint8Array<ArrayBuffer>): Response {
    if (value.length > MAX_VALUE_BYTES) return new Response("too large", { status: 413 });
    const { lockIndex = 0, session = null, modifyIndex: last = 0 } = this.entries.get(key) ?? {};
    const cas = query.get("cas");
    if (cas !== null && Number(cas) !== last) return Response.json(false);
    const modifyIndex = ++this.#index;
    const [acquire, release] = [query.get("acquire"), query.get("release")];
    if (acquire !== null) {
      if (!this.#sessions.has(acquire)) return new Response("invalid session", { status: 500 });
      if (session !== null && session !== acquire) return Response.json(false);
      const next = session === null ? lockIndex + 1 : lockIndex;
      this.entries.set(key, { value, modifyIndex, lockIndex: next, session: acquire });
      return Response.json(true);
    }
    if (release !== null && session !== release) return Response.json(false);
    const holder = release === null ? session : null;
    this.entries.set(key, { value, modifyIndex, lockIndex, session: holder });
    return Response.json(true);
  }
}

/** Since version 1.22.2: what would be a blank, or lead upwards, if it was decoded once more. */
function isHidden(key: string): boolean {
  try {
    const decoded = decodeURIComponent(key);
    return decoded !== key && /\.\.| /.test(decoded);
  } catch {
    return false;
  }
}
