/** What cosign has signed with one key, and without a log, for {@linkcode SIGNED_TEXT}. */
export const COSIGN_SIGNATURES = {
  "a bare signature": {
    isBundle: false,
    text:
      "MEQCIDK5Q1/TqzXcT6aLLoHRGCJWcWtNjWTT2Lhm1Q0d0rN8AiAsGaIyi5p0qHJQ4KCCjfMbLWih0u+I0Uv3U1wXjo/Eug==",
  },
  "a bundle of cosign's own": {
    isBundle: true,
    text:
      `{"base64Signature":"MEQCIDK5Q1/TqzXcT6aLLoHRGCJWcWtNjWTT2Lhm1Q0d0rN8AiAsGaIyi5p0qHJQ4KCCjfMbLWih0u+I0Uv3U1wXjo/Eug=="}`,
  },
  "a Sigstore bundle of cosign 2": {
    isBundle: true,
    text:
      `{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json", "verificationMaterial":{"publicKey":{"hint":"bJjLnKe22Qgtbcl6HAbkCAFfHUnNARut4WBlb/s3RkM="}}, "messageSignature":{"messageDigest":{"algorithm":"SHA2_256", "digest":"ekI+3wwp743tET6b1UB/TObbHuVYYwvHzlb9PKInPVo="}, "signature":"MEYCIQCg0Yflx87V6+zFMbTKbCfRUXcbd5Ak4E2GE7NhNiVV5wIhAJjQ4WEchiTuJn198lFtbnjv24JmpOXLINxiGC71Jn1A"}}`,
  },
  "a Sigstore bundle of cosign 3": {
    isBundle: true,
    text:
      `{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"bJjLnKe22Qgtbcl6HAbkCAFfHUnNARut4WBlb/s3RkM="}},"messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":"ekI+3wwp743tET6b1UB/TObbHuVYYwvHzlb9PKInPVo="},"signature":"MEUCIAgt54PjjiLeEVCBivtecw74tKPYG6oXv6Zkssmr6meAAiEA+tHLOjj++YYri946mqK2e+YRJWS5xY4KtrBCFen6UKo="}}`,
  },
} as const;

export const SIGNED_TEXT = "a release\n";

/** Its holder has signed. */
export const COSIGN_KEY = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE5+XIoENtxe9zI8TyAFPh+jjGoAV0
N6s3DvPKz4Xq8U/4IDqZo3+qt80pWU5uzHhhDazsJSwVX5C5ZR4MnOGJzg==
-----END PUBLIC KEY-----
`;

/** Its holder has signed nothing. */
export const OTHER_COSIGN_KEY = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEbUgWQLKG8lEZmm03phR6eN5PK6bW
/ly1lV3hZ4FPOFQFuDC/xzhtDX0yOZo4ZAHA0MgUmruQGBs82Ok6P1bQPA==
-----END PUBLIC KEY-----
`;
