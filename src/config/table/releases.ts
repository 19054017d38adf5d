import { registryTarget } from "../../source/registry_target.ts";
import {
  choice,
  directory,
  duration,
  file,
  GIB,
  integer,
  line,
  MIB,
  size,
  toggle,
} from "../../values/kinds.ts";
import { cacheTarget } from "../cache_kind.ts";
import type { Option } from "../option.ts";
import { calverFormat, signerIdentity, slotName } from "../release_kinds.ts";

/** How far checksums are asked for. */
export const CHECKSUM_POLICIES = ["off", "auto", "required"] as const;

/** Where releases come from, and how they are kept. */
export const RELEASES = {
  registry: {
    group: "Releases",
    kind: registryTarget,
    default: null,
    help: "where releases are published, in place of --pull and --id",
    remark: "ghr://OWNER/REPO, s3://REGION/BUCKET/PREFIX, gs://BUCKET/PREFIX, grpc://HOST:PORT, " +
      "img://HOST/REPO, file:///DIR or https://HOST/index.json; see docs/registries.md",
  },
  cache: {
    group: "Releases",
    kind: cacheTarget,
    default: "file://",
    help: "where artifacts and answers of the registry are kept and shared",
    remark: "file:// (in the state directory), file:///DIR, memory:, " +
      "redis://[USER:PASSWORD@]HOST[:PORT][/DB], rediss://…, consul://HOST[:PORT][/PREFIX], " +
      "consul+https://…, s3://REGION/BUCKET/PREFIX, gs://BUCKET/PREFIX or off; see docs/registries.md",
  },
  "registry-ttl": {
    group: "Releases",
    kind: duration({ zero: true }),
    default: "0s",
    help: "how long an answer of the registry is good for all that share the cache",
    remark: "0s: every check asks the registry",
  },
  "max-stale": {
    group: "Releases",
    kind: duration({ zero: true }),
    default: "1h",
    help: "how long it is used while the registry cannot be asked; with --registry-ttl",
  },
  "release-root": {
    group: "Releases",
    kind: directory,
    default: ".",
    help: "where releases/ and the link current are kept",
  },
  slot: {
    group: "Releases",
    kind: slotName,
    default: null,
    help: "only versions with this build metadata count, for example blue for v1.2.3+blue",
  },
  calver: {
    group: "Releases",
    kind: calverFormat,
    default: null,
    help: "versions are dates of this form, for example YYYY.0M.MICRO; without it: SemVer",
  },
  "allow-downgrade": {
    group: "Releases",
    kind: toggle,
    default: "false",
    help: "roll to an older version when the one that runs is withdrawn",
  },
  "verify-checksum": {
    group: "Releases",
    kind: choice(CHECKSUM_POLICIES),
    default: "auto",
    help: "whether a checksum beside the artifact is used",
    remark: "auto: if there is one; required: without one a version is not taken",
  },
  "minisign-key": {
    group: "Releases",
    kind: file,
    default: null,
    help: "public key of minisign that every artifact must be signed by",
  },
  "cosign-key": {
    group: "Releases",
    kind: file,
    default: null,
    help: "public key of cosign that every artifact or image must be signed by",
    remark: "needs the program cosign; so do the next two",
  },
  "cosign-identity": {
    group: "Releases",
    kind: signerIdentity,
    default: null,
    help: "who must have signed every artifact or image, without a key",
    remark:
      "as in the certificate: a mail address, or the URL of a workflow with its ref, in which " +
      "{{tag}} is the tag of the release",
  },
  "cosign-issuer": {
    group: "Releases",
    kind: line,
    default: null,
    help: "who vouches for --cosign-identity",
    remark: "a URL, for example https://token.actions.githubusercontent.com",
  },
  "max-artifact": {
    group: "Releases",
    kind: size({ min: 1, max: 1024 * GIB }),
    default: "512m",
    help: "largest artifact that is fetched",
  },
  "max-unpacked": {
    group: "Releases",
    kind: size({ min: MIB, max: 1024 * GIB }),
    default: "4g",
    help: "largest sum of files that an artifact may unpack to",
  },
  "keep-releases": {
    group: "Releases",
    kind: integer(2, 1000),
    default: "7",
    help: "good versions that are kept to go back to",
  },
  audit: {
    group: "Releases",
    kind: toggle,
    default: "true",
    help: "write a record beside each release that was rolled to",
  },
  "report-failures": {
    group: "Releases",
    kind: toggle,
    default: "false",
    help: "write a record beside each release that was refused, too",
  },
} as const satisfies Record<string, Option>;
