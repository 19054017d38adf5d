import { assertMatch, assertRejects } from "@std/assert";
import { readModel } from "../../../src/compose/read_model.ts";
import { requireSavable } from "../../../src/compose/savable.ts";
import { TempDirectory } from "../artifact/temp_directory.ts";

const VOLUMES = {
  data: {},
  plain: { driver: "local" },
  nfs: { driver: "local", driver_opts: { type: "nfs" } },
  far: { driver: "rexray" },
};

async function look(web: unknown[], others: Record<string, unknown[]> = {}): Promise<void> {
  const services = Object.fromEntries(
    Object.entries({ web, ...others }).map(([name, volumes]) => [name, { volumes }]),
  );
  const model = readModel({ services, volumes: VOLUMES }, "blog");
  await requireSavable([model.services.get("web")!], model);
}

Deno.test("volumes and directories that only the services themselves write to can be copied", async () => {
  using home = new TempDirectory();
  await look(["data:/d", "plain:/p", `${home.path}:/f`, "/run/x.sock:/x.sock", "/etc:/etc:ro"], {
    reader: ["data:/d:ro"],
    other: ["/run/x.sock:/x.sock"],
  });
});

const REFUSED: readonly [string, unknown[], Record<string, unknown[]>, RegExp][] = [
  ["nothing", ["/anonymous", "data:/d:ro"], {}, /of web: the compose file has no writable volume/],
  ["a network volume", ["nfs:/d"], {}, /the volume nfs has a driver or driver_opts/],
  ["a driver", ["data:/d", "far:/f"], {}, /the volume far has a driver .* command:CMD/],
  ["the system", ["data:/d", "/etc:/host"], {}, /\/etc cannot be copied: it belongs to the sys/],
  [
    "a volume of others",
    ["data:/d"],
    { backup: ["data:/b"] },
    /service backup writes to data, too, .* read-only \(data:\/b:ro\), or use --snapshot command:/,
  ],
  ["a directory of others", ["/x/d:/d"], { db: ["/x/d:/b"] }, /service db writes to \/x\/d, too/],
];

for (const [what, web, others, complaint] of REFUSED) {
  Deno.test(`cannot be copied: ${what}`, async () => {
    const error = await assertRejects(() => look(web, others), Error, "Cannot take snapshots");
    assertMatch(error.message, complaint);
  });
}
