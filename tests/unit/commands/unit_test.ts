import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { main } from "../../../src/commands/mod.ts";
import { unit, unitText } from "../../../src/commands/unit.ts";
import { fakeIo } from "./fake_io.ts";
import { type ResolvedOptions, resolveOptions } from "../../../src/config/resolve.ts";

const REQUIRED = ["--pull=git pull", "--id=git rev-parse HEAD", "--exec=./app --port <<PORT>>"];

function resolved(
  args: string[],
  env: Record<string, string> = {},
  file = "",
): ResolvedOptions {
  const resolution = resolveOptions({ args, env, readFile: () => file });
  if (resolution.kind !== "config") throw new Error(JSON.stringify(resolution));
  return resolution.resolved;
}

/** The words of ExecStart, one per line as they are written. */
function execStart(text: string): string[] {
  const lines = text.slice(text.indexOf("ExecStart=")).split("\n");
  const last = lines.findIndex((line) => !line.endsWith("\\"));
  return lines.slice(0, last + 1).map((line) => line.replace(/ \\$/, "").trim());
}

Deno.test("unitText() repeats the flags in their order, quoted for systemd", () => {
  const text = unitText(resolved([...REQUIRED, "--port", "9000"]));
  assertEquals(execStart(text), [
    "ExecStart=/usr/local/bin/liveroll",
    "run",
    '"--pull=git pull"',
    '"--id=git rev-parse HEAD"',
    '"--exec=./app --port <<PORT>>"',
    "--port=9000",
  ]);
});

Deno.test("unitText() turns the environment into flags and leaves the file where it is", () => {
  const text = unitText(resolved(
    ["--config", "conf/app.yaml"],
    { LIVEROLL_PULL: "git pull", LIVEROLL_ID: "git rev-parse HEAD" },
    "exec: ./app\nport: 9000\n",
  ));
  assertEquals(execStart(text).slice(2), [
    `--config=${Deno.cwd()}/conf/app.yaml`,
    '"--pull=git pull"',
    '"--id=git rev-parse HEAD"',
  ]);
  assertStringIncludes(text, "Description=liveroll on port 9000\n");
});

Deno.test("unitText() keeps a full path of a config file as it is", () => {
  const text = unitText(resolved([...REQUIRED, "--config=/etc/liveroll.yaml"], {}, "port: 9000"));
  assertStringIncludes(text, "--config=/etc/liveroll.yaml");
});

Deno.test("unitText() gives the whole path of every file", () => {
  const files = ["--tls-cert=c.pem", "--tls-key=/etc/k.pem", "--access-log=a.log"];
  assertEquals(execStart(unitText(resolved([...REQUIRED, ...files]))).slice(-3), [
    `--tls-cert=${Deno.cwd()}/c.pem`,
    "--tls-key=/etc/k.pem",
    `--access-log=${Deno.cwd()}/a.log`,
  ]);
  assertEquals(
    execStart(unitText(resolved([...REQUIRED, "--access-log=-"]))).at(-1),
    "--access-log=-",
  );
});

Deno.test("unitText() gives the stop as much time as all limits together, and some slack", () => {
  const text = unitText(resolved([
    ...REQUIRED,
    "--drain-timeout=2m",
    "--tunnel-grace=10s",
    "--stop-timeout=1m30s",
  ]));
  assertStringIncludes(text, "TimeoutStopSec=240s\n");
});

Deno.test("unitText() of assets runs them, with the port that they are served on, if any", () => {
  for (const [args, description] of [[[], "for files"], [["--serve=80"], "on port 80"]] as const) {
    const all = ["--registry=ghr://o/r", ...args];
    const resolution = resolveOptions({
      args: all,
      env: {},
      readFile: () => "",
      subject: "assets",
    });
    if (resolution.kind !== "config") throw new Error(Deno.inspect(resolution));
    const text = unitText(resolution.resolved);
    assertEquals(execStart(text).slice(1), ["assets", ...all]);
    assertStringIncludes(text, `Description=liveroll ${description}\n`);
  }
});

for (
  const [verb, args] of [
    ["container", ["--image=blog", "--port=80"]],
    ["compose", ["--compose-file=/srv/compose.yaml", "--service=web", "--port=80"]],
  ] as const
) {
  Deno.test(`unitText() of a ${verb} has its verb: its health check is another one`, () => {
    assertEquals(execStart(unitText(resolved([...args]))).slice(1), [verb, ...args]);
  });
}

Deno.test("unitText() says where the program should be when it does not know", () => {
  assertMatch(unitText(resolved(REQUIRED)), /^# Put the program there.*\nExecStart=\/usr\/local/m);
});

const MAIL = "mail://smtp.example.com/me@example.com?password=hunter2";

for (
  const [what, args, env] of [
    ["the environment", [], { LIVEROLL_NOTIFY: MAIL }],
    ["the command line", [`--notify=${MAIL}`], {}],
  ] as const
) {
  Deno.test(`unit() leaves a password from ${what} out, and says where it belongs`, () => {
    const io = fakeIo();
    const cache = "--cache=redis://:pw@cache";
    const releases = ["--exec=./app", "--registry=file:///srv", cache, ...args];
    assertEquals(unit(resolved(releases, env), io), 0);
    const text = io.printed.join("\n");
    assertEquals(execStart(text), [
      "ExecStart=/usr/local/bin/liveroll",
      "run",
      "--exec=./app",
      "--registry=file:///srv",
    ]);
    assertMatch(text, /^# .*LIVEROLL_CACHE.*\nEnvironmentFile=\/etc\/liveroll\/%N\.env$/m);
    assertStringIncludes(text, "LIVEROLL_NOTIFY");
    assertEquals(/hunter2|:pw@/.test(text + io.complained.join("\n")), false);
    assertEquals(io.complained.length, 2);
    assertMatch(
      io.complained.join("\n"),
      /LIVEROLL_NOTIFY='…' into \/etc\/liveroll\/NAME-OF-THE-UNIT/,
    );
  });
}

Deno.test("unit() keeps receivers without a secret, and a file with secrets where it is", () => {
  const io = fakeIo();
  const hook = "--notify=webhook+https://example.com/hook";
  unit(resolved([hook, ...REQUIRED]), io);
  unit(resolved(["--config=/a.yaml", ...REQUIRED], {}, `notify: ${MAIL}\n`), io);
  const text = io.printed.join("\n");
  assertStringIncludes(text, hook);
  assertEquals([text.includes("EnvironmentFile="), io.complained], [false, []]);
});

Deno.test("unit() with a socket prints both units, each under the path that it belongs to", () => {
  const io = fakeIo();
  const options = [...REQUIRED, "--engine=tcp", "--port=5432,5433", "--host=::1"];
  assertEquals(unit(resolved(options), io, { hasSocket: true }), 0);
  const [, socket = "", service = ""] = io.printed.join("\n").split(/^# --- .*\n/m);
  assertStringIncludes(socket, "ListenStream=[::1]:5432\nListenStream=[::1]:5433\n");
  assertEquals(socket.includes("FileDescriptorName"), false);
  assertStringIncludes(service, "\nSockets=%N.socket\n");
  assertStringIncludes(service, "\nNonBlocking=yes\n");
  const one = fakeIo();
  unit(resolved(REQUIRED), one, { hasSocket: true });
  assertStringIncludes(
    one.printed.join("\n"),
    "ListenStream=0.0.0.0:8080\nFileDescriptorName=http\n",
  );
});

Deno.test("unit() refuses a socket that nobody could use, with exit code 2", () => {
  for (
    const [flag, why] of [
      ["--engine=fetch", "not with --engine fetch, give --engine relay or tcp"],
      ["--host=localhost", "--host localhost is a name, give an IP address"],
    ] as const
  ) {
    const io = fakeIo();
    assertEquals(unit(resolved([...REQUIRED, flag]), io, { hasSocket: true }), 2);
    assertEquals([io.printed, io.complained], [[], [`liveroll: --socket: ${why}`]]);
  }
});

Deno.test("unitText() of who hands over upgrades on reload; others update", () => {
  const handing = [...REQUIRED, "--handover=/run/blog", "--child-logs=inherit"];
  assertStringIncludes(
    unitText(resolved(handing)),
    "\nExecReload=/usr/local/bin/liveroll upgrade\n",
  );
  assertStringIncludes(
    unitText(resolved(REQUIRED)),
    "\nExecReload=/bin/sh -c 'kill -HUP $$MAINPID'\n",
  );
});

Deno.test("unitText() lets systemd make the directory of a hand-over below /run, and no other", () => {
  const runtime = (directory: string) => {
    const text = unitText(resolved([
      ...REQUIRED,
      `--handover=${directory}`,
      "--child-logs=inherit",
    ]));
    return text.split("\n").filter((line) => line.startsWith("Runtime"));
  };
  const common = ["RuntimeDirectoryMode=0700", "RuntimeDirectoryPreserve=restart"];
  for (
    const [directory, name] of [
      ["/run/blog", "blog"],
      ["/run/liveroll/blog.a/", "liveroll/blog.a"],
      ["/var/run/blog", "blog"],
    ]
  ) {
    assertEquals(runtime(directory!), [`RuntimeDirectory=${name}`, ...common]);
  }
  for (
    const other of ["/var/lib/blog/run", "/run/user/1000/blog", "/run/a b", "/run/../x", "/run"]
  ) {
    assertEquals(runtime(other), [], other);
  }
  assertEquals(unitText(resolved(REQUIRED)).includes("RuntimeDirectory"), false);
});

/** What `liveroll unit WORDS` prints. */
async function printed(...words: string[]): Promise<string> {
  const io = fakeIo();
  assertEquals([await main(["unit", ...words], io), io.complained], [0, []]);
  return io.printed.join("\n");
}

for (const command of [["container"], []]) {
  Deno.test(`liveroll unit ${command.join("")} --image prints the command that runs containers`, async () => {
    const text = await printed(...command, "--image=reg.example/blog:2", "--port=80");
    assertEquals(execStart(text).slice(1), [
      "container",
      "--image=reg.example/blog:2",
      "--port=80",
    ]);
    assertEquals(text.includes("healthcheck"), false, "the command itself knows what is usual");
    assertMatch(text, /^Wants=network-online.target docker.service$/m);
    assertMatch(text, /^After=network-online.target docker.service$/m);
    assertEquals(/^(Requires|BindsTo|PartOf)=/m.test(text), false, "an engine may be restarted");
    assertMatch(text, /^# .*Containers are children of the engine/m);
    assertMatch(text, /^KillMode=mixed$/m);
  });
}

Deno.test("liveroll unit container takes options as that does, with whole paths", async () => {
  const text = await printed(
    ...["container", "--image=blog", "--docker-host=unix:///run/podman/podman.sock"],
    ...[
      "--",
      "--memory",
      "1g",
      "-v",
      "./data:/data:ro",
      "-vposts:/posts:ro",
      "--",
      "serve",
      "-v",
      "./a:b",
    ],
  );
  const words = `--memory 1g -v ${Deno.cwd()}/data:/data:ro -vposts:/posts:ro -- serve -v ./a:b`;
  assertEquals(execStart(text).at(-1), `"--run-options=${words}"`);
  assertMatch(text, /^Wants=network-online.target podman.socket$/m);
});

Deno.test("liveroll unit compose prints what keeps the services of a file up to date", async () => {
  for (const file of ["--compose-file=a.yaml", "-f=a.yaml"]) {
    const text = await printed("compose", file, "--service=web");
    assertEquals(execStart(text).slice(1, 3), ["compose", `--compose-file=${Deno.cwd()}/a.yaml`]);
    assertMatch(text, /^After=network-online.target docker.service$/m);
    assertMatch(text, /^# .*Containers are children of the engine/m);
  }
});

Deno.test("liveroll unit server and run print what they were asked for", async () => {
  const releases = ["--registry=ghr://o/r", "--port=80"];
  const server = execStart(await printed("server", ...releases, "--", "./app", "serve"));
  assertEquals(server.slice(1), ["server", ...releases, '"--exec=./app serve"']);
  const run = await printed("run", ...releases, "--exec=./app");
  assertEquals(execStart(run).slice(1), ["run", ...releases, "--exec=./app"]);
  assertEquals(/^Wants=.*docker/m.test(run), false);
  assertEquals(execStart(await printed("assets", "--registry=ghr://o/r"))[1], "assets");
});

Deno.test("liveroll unit container without an image says what is missing, with exit code 2", async () => {
  const io = fakeIo();
  assertEquals(await main(["unit", "container", "--port=80"], io), 2);
  assertMatch(io.complained.join(), /--image is required/);
});

/** What is printed of a template, by the files that it is made of. */
function template(...options: string[]): { exit: number; files: string[]; complained: string[] } {
  const io = fakeIo();
  const exit = unit(resolved([...REQUIRED, ...options]), io, { hasSocket: true, isTemplate: true });
  const files = io.printed.join("\n").split(/^(?=# --- )/m).filter((file) => file !== "");
  return { exit, files, complained: io.complained };
}

Deno.test("unit() with a template prints instances that share a socket, with ports of their own", () => {
  const { exit, files: [socket = "", service = "", second = ""] } = template("--child-port1=9001");
  assertEquals(exit, 0);
  assertStringIncludes(socket, "FileDescriptorName=http\nService=%N@A.service\n");
  assertStringIncludes(service, "# --- /etc/systemd/system/NAME-OF-THE-UNIT@.service\n");
  assertStringIncludes(service, "\nSockets=%p.socket\n");
  assertStringIncludes(
    service,
    "\nEnvironment=LIVEROLL_CHILD_PORT1=9001\nEnvironment=LIVEROLL_CHILD_PORT2=9102\n",
  );
  assertStringIncludes(service, " \\\n  --join\n");
  assertEquals(service.includes("--child-port"), false);
  assertEquals(
    second,
    "# --- /etc/systemd/system/NAME-OF-THE-UNIT@B.service.d/ports.conf\n[Service]\n" +
      "Environment=LIVEROLL_CHILD_PORT1=9002\nEnvironment=LIVEROLL_CHILD_PORT2=9103",
  );
});

Deno.test("unit() with a template gives children of the second instance ports that are nobody's", () => {
  const ports = ["--child-port1=9101", "--child-port2=9102", "--port=9104"];
  const { files: [, , second = ""] } = template(...ports);
  assertStringIncludes(second, "CHILD_PORT1=9105\nEnvironment=LIVEROLL_CHILD_PORT2=9106");
});

Deno.test("unit() refuses a template of what cannot be there twice, with exit code 2", () => {
  for (
    const [option, why] of [
      ["--strategy=recreate", "not with --strategy recreate: during a roll two copies run"],
      ["--engine=direct", "not with --engine direct: children would accept before they are proven"],
      ["--control-listen=127.0.0.1:1", "only one instance could listen there, remove"],
      ["--state-dir=/srv/state", "each instance has a state of its own, remove --state-dir"],
      ["--child-port2=65535", "no ports are left for the second instance"],
    ] as const
  ) {
    const { exit, files, complained: [complaint = ""] } = template(option);
    assertEquals([exit, files], [2, []]);
    assertStringIncludes(complaint, `liveroll: --template: ${why}`);
  }
  const io = fakeIo();
  assertEquals(unit(resolved(REQUIRED), io, { isTemplate: true }), 2);
  assertStringIncludes(io.complained.join(), "give --socket, too");
});

Deno.test("unitText() has systemd keep sockets that can be used again, and that nobody else holds", () => {
  const kept = "\nFileDescriptorStoreMax=64\nEnvironment=FDSTORE=64\n";
  assertStringIncludes(unitText(resolved(REQUIRED)), kept);
  assertEquals(unitText(resolved(REQUIRED), { hasSocket: true }).includes("FDSTORE"), false);
  assertEquals(unitText(resolved([...REQUIRED, "--engine=fetch"])).includes("FDSTORE"), false);
});
