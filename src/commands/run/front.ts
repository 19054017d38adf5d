import { Counters } from "../../proxy/counters.ts";
import type { Proxy } from "../../proxy/proxy.ts";
import type { CertificateOwner } from "./certificate.ts";
import type { Rotation } from "./proxy_traffic.ts";

/** What stands in front of instances, as far as others need to know it. */
export type Front = Rotation & CertificateOwner & Pick<Proxy, "counters">;

/** Nobody listens: for files that others serve. */
export function noFront(): Front {
  const counters = new Counters();
  const nothing = () => Promise.resolve({ finished: 0, cut: 0 });
  return {
    get counters() {
      return counters.snapshot();
    },
    replace() {},
    remove() {},
    hold() {},
    maintenance() {},
    setCertificate() {},
    drain: nothing,
    shutdown: nothing,
  };
}
