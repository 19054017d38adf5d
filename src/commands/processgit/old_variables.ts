import { appName } from "../../config/app_kind.ts";
import { serviceName } from "../../config/compose_kinds.ts";
import { healthCheck } from "../../config/health_kind.ts";
import { listenAddress } from "../../config/network_kinds.ts";
import { quote, toggle } from "../../values/kinds.ts";
import type { OldName, OldVariable } from "./old_variable.ts";
import { imagesOf } from "./releases.ts";
import { requireToken, tokenPath } from "./token_file.ts";

const GITHUB_API = "https://api.github.com";

/** The variable that the compose file of ProcessGit has in its image. */
const VERSION_KEY = "PROCESSGIT_VERSION";

/** Every variable that the updater of ProcessGit reads, and what it means here. */
export const OLD_VARIABLES: Readonly<Record<OldName, OldVariable>> = {
  TOKEN: {
    default: "",
    read(value, { isGiven, stateDir }) {
      if (isGiven("control-token-file")) return {};
      requireToken(value);
      return { args: [`--control-token-file=${tokenPath(stateDir)}`] };
    },
  },
  LISTEN: {
    default: ":9000",
    read(value, { isGiven }) {
      if (isGiven("control-listen")) return {};
      const isOpen = value.startsWith(":");
      const text = isOpen ? `0.0.0.0${value}` : value;
      try {
        listenAddress.parse(text);
      } catch {
        throw new SyntaxError(`${quote(value)} is no address, give for example 172.17.0.1:9000`);
      }
      const note = `${quote(value)} is every address of this host, not only of a container; give ` +
        "for example 172.17.0.1:9000";
      return { args: [`--control-listen=${text}`], notes: isOpen ? [note] : [] };
    },
  },
  STATE_DIR: {
    default: "/var/lib/processgit-updater",
    read: (value, { isGiven }) => isGiven("state-dir") ? {} : { args: [`--state-dir=${value}`] },
  },
  REPO: {
    default: "Algomation-AI/ProcessGit",
    read(value, { isGiven }) {
      const isSigned = isGiven("cosign-identity") || isGiven("cosign-key");
      if (!isGiven("registry")) return { args: imagesOf(value, isSigned) };
      const note = "--registry counts, and nobody has to have signed its images: give " +
        "--cosign-identity or --cosign-key";
      return isSigned ? {} : { notes: [note] };
    },
  },
  GITHUB_API: {
    default: GITHUB_API,
    read(value, { isGiven }) {
      if (value.replace(/\/+$/, "") === GITHUB_API) return {};
      if (isGiven("registry")) return { notes: ["GitHub is not asked; --registry is"] };
      throw new Error(
        `${quote(value)} is not asked for releases, they are tags of the image: remove it, and ` +
          "give --registry img://HOST/REPO",
      );
    },
  },
  GITHUB_TOKEN: {
    default: "",
    // The registry of GitHub takes it, too.
    read: (value) => value === "" ? {} : { env: { GITHUB_TOKEN: value } },
  },
  APP_CONTAINER: {
    default: "processgit",
    read(value, { isGiven }) {
      serviceName.parse(value);
      const named = isGiven("app") || !isAppName(value) ? [] : [`--app=${value}`];
      return { args: [...named, ...isGiven("service") ? [] : [`--service=${value}`]] };
    },
  },
  STUB: {
    default: "true",
    read(value, _around, isSet) {
      if (!isSet) return { notes: ["it is not set, but updates are real here"] };
      if (!toggle.parse(value)) return {};
      throw new Error(
        `${
          quote(value)
        }: nothing is only played here; set it to false. What an update would do is ` +
          "told by liveroll update ID --dry-run",
      );
    },
  },
  DEBUG: {
    default: "false",
    read: (value, { isGiven }) =>
      toggle.parse(value) && !isGiven("log-level") ? { args: ["--log-level=debug"] } : {},
  },
  COMPOSE_FILE: {
    default: "/deploy/docker-compose.yml",
    read: (value, { isGiven }) =>
      isGiven("compose-file") ? {} : { args: [`--compose-file=${value}`] },
  },
  ENV_FILE: {
    default: "/deploy/.env",
    read: (value, { isGiven }) => ({
      args: [
        ...isGiven("env-file") ? [] : [`--env-file=${value}`],
        ...isGiven("env-key") ? [] : [`--env-key=${VERSION_KEY}`],
      ],
    }),
  },
  HEALTH_URL: {
    default: "http://processgit:3000/api/v1/version",
    read(value, { isGiven, valueOf }, isSet) {
      const [hasPort, hasCheck] = [isGiven("container-port"), isGiven("healthcheck")];
      if (hasPort && hasCheck) return {};
      const { hostname, port, pathname, search } = readHealthUrl(value);
      const service = valueOf("APP_CONTAINER");
      if (isSet && hostname !== service.toLowerCase()) {
        throw new Error(
          `${
            quote(value)
          } does not ask the service ${service} itself: give http://${service}:PORT` +
            "/PATH with its port in the container, or --container-port and --healthcheck",
        );
      }
      const path = healthCheck.parse(pathname + search);
      if (path.kind !== "http") throw new SyntaxError(`${quote(value)} has no path`);
      return {
        args: [
          ...hasPort ? [] : [`--container-port=${port || 80}`],
          ...hasCheck ? [] : [`--healthcheck=${path.path}`],
        ],
      };
    },
  },
  // ProcessGit itself reads it; both may be given the same file of variables.
  URL: { default: "", read: () => ({}) },
};

function readHealthUrl(value: string): URL {
  const url = URL.parse(value);
  if (url?.protocol === "http:") return url;
  const fix = "give for example http://processgit:3000/api/v1/version";
  throw new SyntaxError(`${quote(value)} is no address that is asked by http, ${fix}`);
}

function isAppName(text: string): boolean {
  try {
    appName.parse(text);
    return true;
  } catch {
    return false;
  }
}
