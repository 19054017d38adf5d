/** @import { Ask } from "./types.ts" */

/** @typedef {{ method?: string, headers?: Record<string, string>, body?: string }} Init */

const STORED = "liveroll-token";

/** How long one answer may take. */
const ANSWER_MS = 15_000;

/** The server wants a token, or another one. */
export class Locked extends Error {
  /** @param {boolean} refused A token was given, and it is wrong. */
  constructor(refused) {
    super(refused ? "The token was not accepted." : "A token is needed.");
    this.refused = refused;
  }
}

/** The server said no; its sentence is the message. */
export class Refused extends Error {}

/** The server did not answer, or not to the end. */
export class Lost extends Error {}

/** The control API, seen from the page. Addresses are relative: the page may live under a path. */
export class Api {
  /**
   * Keeps the token in this tab only. It goes into a header, never into an address.
   *
   * @param {string} token
   */
  unlock(token) {
    sessionStorage.setItem(STORED, token);
  }

  /**
   * The answer to a question.
   *
   * @param {string} path
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   * @throws {Locked | Refused | Lost}
   */
  async get(path, signal) {
    return JSON.parse(await this.#text(path, {}, signal));
  }

  /**
   * As {@linkcode Api.get}, for an answer with one value in each line.
   *
   * @param {string} path
   * @param {AbortSignal} [signal]
   * @returns {Promise<any[]>}
   * @throws {Locked | Refused | Lost}
   */
  async lines(path, signal) {
    const text = await this.#text(path, {}, signal);
    return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  }

  /**
   * Asks for something; the answer is null if there is none.
   *
   * @param {Ask} ask
   * @returns {Promise<any>}
   * @throws {Locked | Refused | Lost}
   */
  async post({ path, body }) {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    const text = await this.#text(path, init);
    return text === "" ? null : JSON.parse(text);
  }

  /**
   * The stream of everything that happens, as long as `signal` does not abort.
   *
   * @param {string} path
   * @param {AbortSignal} signal
   * @returns {Promise<ReadableStream<Uint8Array<ArrayBuffer>>>}
   * @throws {Locked | Refused | Lost}
   */
  async stream(path, signal) {
    const init = { headers: { accept: "text/event-stream" } };
    const { body } = await this.#send(path, init, signal).catch(rethrow);
    if (body === null) throw new Lost("The server answered nothing.");
    return body;
  }

  /**
   * @param {string} path
   * @param {Init} init
   * @param {AbortSignal} [signal]
   */
  #text(path, init, signal) {
    const limited = AbortSignal.any([AbortSignal.timeout(ANSWER_MS), ...(signal ? [signal] : [])]);
    return this.#send(path, init, limited).then((response) => response.text()).catch(rethrow);
  }

  /**
   * @param {string} path
   * @param {Init} init
   * @param {AbortSignal} signal
   */
  async #send(path, init, signal) {
    const token = sessionStorage.getItem(STORED);
    const headers = new Headers(init.headers);
    if (token !== null) headers.set("authorization", `Bearer ${token}`);
    const response = await fetch(path, { ...init, headers, signal, cache: "no-store" });
    if (response.ok) return response;
    if (response.status === 401) throw this.#locked(token);
    throw new Refused(await sentence(response));
  }

  /**
   * A token that is wrong is forgotten, unless there is another one by now.
   *
   * @param {string | null} used
   */
  #locked(used) {
    if (sessionStorage.getItem(STORED) === used) sessionStorage.removeItem(STORED);
    return new Locked(used !== null);
  }
}

/**
 * What browsers say of a server that cannot be reached differs, and helps nobody.
 *
 * @param {unknown} error
 * @returns {never}
 */
export function rethrow(error) {
  const isTimeout = error instanceof DOMException && error.name === "TimeoutError";
  if (error instanceof TypeError || isTimeout) throw new Lost("liveroll cannot be reached.");
  throw error;
}

/**
 * What a problem document says for people.
 *
 * @param {Response} response
 */
async function sentence(response) {
  const problem = await response.json().catch(() => null);
  const said = problem?.detail ?? problem?.title;
  return typeof said === "string" && said !== "" ? said : `The server answered ${response.status}.`;
}
