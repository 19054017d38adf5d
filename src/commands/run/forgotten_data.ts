import type { CreateBody } from "../../container/engine/create_body.ts";
import type { ImageInfo } from "../../container/engine/image_info.ts";
import { forgottenPlaces } from "../../container/shared_state.ts";
import type { Log } from "../../platform/log.ts";

/** What the image of a version keeps where nobody has said what is to become of it. */
export class ForgottenData {
  readonly #body: Omit<CreateBody, "Image">;
  readonly #log: Pick<Log, "warn">;
  readonly #told = new Set<string>();
  #paths: readonly string[] = [];

  constructor(body: Omit<CreateBody, "Image">, log: Pick<Log, "warn">) {
    this.#body = body;
    this.#log = log;
  }

  /** Looks at the image of the newest version; each path is told of once. */
  look({ config }: Pick<ImageInfo, "config">): void {
    this.#paths = forgottenPlaces(this.#body, config);
    for (const path of this.#paths) {
      if (this.#told.has(path)) continue;
      this.#told.add(path);
      this.#log.warn(complaintAbout(path), { event: "image.volume", path });
    }
  }

  /** What was found last, with the fix. */
  get complaints(): string[] {
    return this.#paths.map(complaintAbout);
  }
}

function complaintAbout(path: string): string {
  return `What is written to ${path} is lost with each container: the image has a volume there, ` +
    `and the options none; give -v NAME:${path}, or -v ${path} if nothing of it matters`;
}
