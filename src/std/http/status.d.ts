/** Status codes by name (RFC 9110 section 15), the ones liveroll answers with itself. */
export const STATUS_CODE: {
  readonly OK: 200;
  readonly BadRequest: 400;
  readonly MethodNotAllowed: 405;
  readonly RequestTimeout: 408;
  readonly ContentTooLarge: 413;
  readonly URITooLong: 414;
  readonly ExpectationFailed: 417;
  readonly RequestHeaderFieldsTooLarge: 431;
  readonly InternalServerError: 500;
  readonly NotImplemented: 501;
  readonly BadGateway: 502;
  readonly ServiceUnavailable: 503;
  readonly GatewayTimeout: 504;
  readonly HTTPVersionNotSupported: 505;
};
/** Standard reason phrases by code. */
export const STATUS_TEXT: { readonly [code: number]: string };
