const CLASSES: Readonly<Record<string, new (message: string, options: ErrorOptions) => Error>> = {
  EACCES: Deno.errors.PermissionDenied,
  EADDRINUSE: Deno.errors.AddrInUse,
  EADDRNOTAVAIL: Deno.errors.AddrNotAvailable,
  ECONNABORTED: Deno.errors.ConnectionAborted,
  ECONNREFUSED: Deno.errors.ConnectionRefused,
  ECONNRESET: Deno.errors.ConnectionReset,
  EPIPE: Deno.errors.BrokenPipe,
  ETIMEDOUT: Deno.errors.TimedOut,
};

/** The error of Deno that means the same as one of a Node socket; others stay as they are. */
export function denoError(error: Error): Error {
  const code = "code" in error ? String(error.code) : "";
  const Class = CLASSES[code];
  return Class ? new Class(error.message, { cause: error }) : error;
}

/** What an operation on a closed stream or acceptor fails with. */
export function closedError(what: string): Error {
  return new Deno.errors.BadResource(`${what} has been closed`);
}
