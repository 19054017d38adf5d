import { ask } from "./http.ts";

/** What ProcessGit shows of a job of its updater. */
export interface OldJob {
  readonly id: string;
  readonly state: string;
  readonly target_tag: string;
  readonly target_digest?: string;
  readonly steps: readonly unknown[];
  readonly error?: string;
}

/** What an answer has in it, of whatever call. */
export interface OldAnswer extends Partial<OldJob> {
  readonly job_id?: string;
  readonly status_url?: string;
  readonly job?: OldJob;
  readonly active_job?: OldJob | null;
  readonly jobs?: readonly OldJob[];
  readonly tag?: string;
  readonly code?: number;
}

/** Asks an updater as the admin page of ProcessGit does. */
export class OldClient {
  readonly #port: number;
  readonly #token: string;

  constructor(port: number, token: string) {
    this.#port = port;
    this.#token = token;
  }

  async ask(path: string, body?: unknown): Promise<{ status: number; json: OldAnswer }> {
    const json = body === undefined ? {} : { "content-type": "application/json" };
    const { status, text } = await ask(this.#port, path, {
      headers: {
        host: "processgit-updater:9000",
        "user-agent": "Go-http-client/1.1",
        authorization: `Bearer ${this.#token}`,
        accept: "application/json",
        ...json,
      },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
    return { status, json: JSON.parse(text) };
  }

  /** Asks for an update, as somebody who clicks on a release. */
  update(tag: string): Promise<{ status: number; json: OldAnswer }> {
    return this.ask("/update", { target_tag: tag });
  }
}
