/** One message of a `text/event-stream`. */
export interface ServerSent {
  /** `message` if the server gives none. */
  event: string;
  data: string;
}

/** Puts server-sent events together from their lines; comments and what is unfinished are left out. */
export async function* serverSent(lines: AsyncIterable<string>): AsyncGenerator<ServerSent> {
  let event = "";
  let data: string[] = [];
  for await (const line of lines) {
    if (line === "") {
      if (data.length > 0) yield { event: event || "message", data: data.join("\n") };
      event = "";
      data = [];
      continue;
    }
    const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "event") event = value;
    if (field === "data") data.push(value);
  }
}
