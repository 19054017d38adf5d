import { assertEquals, assertStringIncludes } from "@std/assert";
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

Deno.test("unitFile() has no setting twice and no comment inside a command line", () => {
  const lines = unitFile(options).split("\n");
  const keys = lines.map((line) => /^([A-Za-z]+)=/.exec(line)?.[1]).filter((key) => key);
  assertEquals(keys.length, new Set(keys).size);
  const continued = lines.filter((_, i) => lines[i - 1]?.endsWith("\\"));
  assertEquals(continued.filter((line) => /^\s*[#;]/.test(line)), []);
});
