/** A module whose members are found at run time only. */
declare const xz: {
  XzReadableStream: new (compressed: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>;
};
export default xz;
