import { loginHost } from "../../source/oci/image_place.ts";
import type { Login } from "../../source/oci/login.ts";

/** What engines expect of Docker Hub. */
const DOCKER_HUB_SERVER = "https://index.docker.io/v1/";

/** The value of `X-Registry-Auth`: who asks the registry `host`, for an engine to pass on. */
export function registryAuth(login: Login, host: string): string {
  const filed = loginHost(host);
  const serveraddress = filed === "docker.io" ? DOCKER_HUB_SERVER : filed;
  const who = login.kind === "identity"
    ? { identitytoken: login.token }
    : { username: login.user, password: login.password };
  const json = JSON.stringify({ ...who, serveraddress });
  // With padding: that is what engines decode.
  return new TextEncoder().encode(json).toBase64({ alphabet: "base64url" });
}
