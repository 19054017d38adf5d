import { assertEquals } from "@std/assert";
import { isTrailerAllowed } from "../../../../../src/proxy/relay/body/trailer_names.ts";

const FORBIDDEN = [
  "Transfer-Encoding",
  "content-length",
  "HOST",
  "Connection",
  "HTTP2-Settings",
  "Trailer",
  "Expect",
  "Range",
  "If-None-Match",
  "Authorization",
  "Proxy-Authorization",
  "Cookie",
  "Set-Cookie",
  "Cache-Control",
  "Content-Type",
  "Content-Encoding",
  "X-Forwarded-For",
  "X_Forwarded_For",
  "Transfer_Encoding",
  "Forwarded",
  "X-Real-Ip",
  "Via",
  "Location",
  "Date",
];
const ALLOWED = [
  "ETag",
  "Server-Timing",
  "Digest",
  "Repr-Digest",
  "Content-Digest",
  "grpc-status",
  "X-Checksum-Sha256",
  "Hostess",
  "Iffy",
];

for (const name of FORBIDDEN) {
  Deno.test(`item 33: ${name} may not come as a trailer`, () => {
    assertEquals(isTrailerAllowed(name), false);
  });
}

for (const name of ALLOWED) {
  Deno.test(`item 33: ${name} may come as a trailer`, () => {
    assertEquals(isTrailerAllowed(name), true);
  });
}
