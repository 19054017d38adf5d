import type { Limits } from "../../limits.ts";
import { ChunkedFilter } from "./chunked_filter.ts";
import { CloseFilter } from "./close_filter.ts";
import type { BodyFilter, Framing } from "./filter.ts";
import { LengthFilter, NO_BODY } from "./length_filter.ts";

type BodyLimits = Pick<Limits, "maxBodyBytes" | "maxHeadBytes" | "maxHeaders">;

/** Follows a request's body on its way to a backend, which speaks HTTP/1.1 always. */
export function createRequestFilter(framing: Framing, limits: BodyLimits): BodyFilter {
  if (framing.kind !== "chunked") return createPlainFilter(framing);
  return new ChunkedFilter({
    keepFraming: true,
    maxBodyBytes: limits.maxBodyBytes,
    maxTrailerBytes: limits.maxHeadBytes,
    maxTrailers: limits.maxHeaders,
    trailers: "keep",
    sender: "client",
  });
}

/**
 * Follows an answer's body on its way to the client. Chunks that have to be made, because the
 * client gets `chunked` from a backend that only closes, are the caller's.
 */
export function createResponseFilter(
  framing: Framing,
  clientFraming: Framing,
  limits: BodyLimits,
): BodyFilter {
  if (framing.kind !== "chunked") return createPlainFilter(framing);
  return new ChunkedFilter({
    keepFraming: clientFraming.kind === "chunked",
    maxBodyBytes: 0,
    maxTrailerBytes: limits.maxHeadBytes,
    maxTrailers: limits.maxHeaders,
    trailers: "keep",
    sender: "backend",
  });
}

function createPlainFilter(framing: Exclude<Framing, { kind: "chunked" }>): BodyFilter {
  switch (framing.kind) {
    case "none":
      return NO_BODY;
    case "length":
      return framing.length === 0 ? NO_BODY : new LengthFilter(framing.length);
    case "close":
      return new CloseFilter();
  }
}
