import { directory, file, repeated } from "../../values/kinds.ts";
import { appName } from "../app_kind.ts";
import { listenAddress } from "../network_kinds.ts";
import { notifyTarget } from "../notify_kind.ts";
import type { Option } from "../option.ts";

/** Where liveroll keeps what it knows, and who may ask and tell it. */
export const CONTROL = {
  app: {
    group: "Control",
    kind: appName,
    default: null,
    help: "name of the application",
    remark: "default: the name of the state directory, or of the working directory",
  },
  "state-dir": {
    group: "Control",
    kind: directory,
    default: null,
    help: "directory for the journal, the history and the control socket",
    remark: "default: $STATE_DIRECTORY, else /var/lib/NAME with --app NAME, else ./.liveroll",
  },
  "control-listen": {
    group: "Control",
    kind: listenAddress,
    default: null,
    help: "address of the control API and the status page",
    remark: "besides the socket in the state directory; needs a token unless it is a loopback one",
  },
  "control-token-file": {
    group: "Control",
    kind: file,
    default: null,
    help: "file with the token for --control-listen",
    remark: "default: liveroll-token in $CREDENTIALS_DIRECTORY, if it is there",
  },
  "webhook-secret-file": {
    group: "Control",
    kind: file,
    default: null,
    help: "file with the secret of webhooks at --control-listen",
  },
  notify: {
    group: "Control",
    kind: repeated(notifyTarget),
    default: "",
    help: "who is told: slack://CHANNEL, mail://HOST/TO, webhook+https://…, command:CMD",
    remark: "may be given several times",
  },
} as const satisfies Record<string, Option>;
