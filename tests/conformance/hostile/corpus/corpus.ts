import type { RequestCase } from "../request_case.ts";
import { CHUNKS } from "./chunks.ts";
import { CONNECTION } from "./connection.ts";
import { CONTENT_LENGTH } from "./content_length.ts";
import { FIELDS } from "./fields.ts";
import { HOST } from "./host.ts";
import { LINE_ENDS } from "./line_ends.ts";
import { PIPELINING } from "./pipelining.ts";
import { REQUEST_LINE } from "./request_line.ts";
import { TRAILERS } from "./trailers.ts";
import { TRANSFER_ENCODING } from "./transfer_encoding.ts";

/** Every hostile request, by class. */
export const CLASSES = {
  "transfer encoding": TRANSFER_ENCODING,
  "content length": CONTENT_LENGTH,
  chunks: CHUNKS,
  trailers: TRAILERS,
  "line ends": LINE_ENDS,
  fields: FIELDS,
  host: HOST,
  "request line": REQUEST_LINE,
  connection: CONNECTION,
  pipelining: PIPELINING,
} as const satisfies Record<string, readonly RequestCase[]>;

/** All of them, each with its class in its name. */
export const CORPUS: readonly RequestCase[] = Object.entries(CLASSES)
  .flatMap(([name, cases]) => cases.map((one) => ({ ...one, name: `${name}: ${one.name}` })));
