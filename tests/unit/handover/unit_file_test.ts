import { assertEquals, assertStringIncludes } from "@std/assert";
import { readToken } from "../../../src/control/token.ts";
import { unitFile } from "../../../src/handover/unit_file.ts";

const options = {
  description: "liveroll on port 8080",
  execPath: "/opt/live roll/bin",
  args: ["run", "--id=date +%s"],
  stopLimitMs: 45_001,
};

Deno.test("unitFile() writes one logical ExecStart line without a guess about the program", () => {
  const text = unitFile(options);
  assertStringIncludes(
    text,
    'NotifyAccess=main\nExecStart="/opt/live roll/bin" \\\n  run \\\n  "--id=date +%%s"\n',
  );
});

Deno.test("unitFile() rounds the time to stop up to whole seconds", () => {
  assertStringIncludes(unitFile(options), "TimeoutStopSec=61s\n");
});

Deno.test("unitFile() keeps the state to the account that it runs under", () => {
  assertStringIncludes(unitFile(options), "\nStateDirectory=%N\nStateDirectoryMode=0700\n");
});

Deno.test("unitFile() spares the children only when they can live without liveroll", () => {
  const [usual, outliving] = [unitFile(options), unitFile({ ...options, childrenOutlive: true })];
  assertStringIncludes(usual, "\nKillMode=mixed\n");
  assertStringIncludes(outliving, "\nKillMode=process\n");
  assertStringIncludes(outliving, "\nTimeoutStopSec=61s\n");
});

Deno.test("unitFile() names the credential that the control token is read from", async () => {
  const directory = await Deno.makeTempDir();
  const [, name] = /^#LoadCredential=([^:]+):/m.exec(unitFile(options)) ?? [];
  await Deno.writeTextFile(`${directory}/${name}`, "a-token-that-is-long-enough\n");
  const token = await readToken(null, directory);
  await Deno.remove(directory, { recursive: true });
  assertEquals(token?.value, "a-token-that-is-long-enough");
});

Deno.test("unitFile() keeps a description on its line and free of specifiers", () => {
  const text = unitFile({ ...options, description: "100%\nExecStartPre=/bin/evil" });
  assertStringIncludes(text, "Description=100%% ExecStartPre=/bin/evil\n");
});

Deno.test("unitFile() never breaks what commands and children commonly need", () => {
  const active = unitFile(options).split("\n").filter((line) => !line.startsWith("#")).join("\n");
  for (const setting of ["MemoryDenyWriteExecute", "RestrictNamespaces", "ProtectSystem=strict"]) {
    assertEquals(active.includes(setting), false, setting);
  }
});

for (const childrenOutlive of [false, true]) {
  const title = childrenOutlive ? "unitFile() that spares children" : "unitFile()";

  Deno.test(`${title} has no setting twice and no comment inside a command line`, () => {
    const lines = unitFile({ ...options, childrenOutlive }).split("\n");
    const keys = lines.map((line) => /^([A-Za-z]+)=/.exec(line)?.[1]).filter((key) => key);
    assertEquals(keys.length, new Set(keys).size);
    const continued = lines.filter((_, i) => lines[i - 1]?.endsWith("\\"));
    assertEquals(continued.filter((line) => /^\s*[#;]/.test(line)), []);
  });

  Deno.test(`${title} has no line that is hard to read`, () => {
    const lines = unitFile({ ...options, childrenOutlive }).split("\n");
    assertEquals(lines.filter((line) => line.length > 100), []);
  });
}
