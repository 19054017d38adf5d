import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { parseRunOptions } from "../../../src/container/run_options.ts";
import { DENIED, DENIED_LETTERS } from "../../../src/container/run/denied.ts";
import { OPTIONS, OTHER_NAMES } from "../../../src/container/run/table.ts";
import { CONTEXT } from "./run_context.ts";

type Body = Record<string, unknown>;

const GOOD: readonly [line: string, body: Body][] = [
  ["", {}],
  ["-e A=b", { Env: ["A=b"] }],
  ["-eA=b -e=C=d --env E=f --env=G=h=i", { Env: ["A=b", "C=d", "E=f", "G=h=i"] }],
  ["-e A=1 -e B= -e A=2", { Env: ["A=2", "B="] }],
  ["-e FROM_HERE -e NOT_HERE -e EMPTY", { Env: ["FROM_HERE=here", "EMPTY="] }],
  ["--env-file app.env", { Env: ["MODE=production", 'QUOTED="a b"', "FROM_HERE=here", "A=1=2"] }],
  ["-e MODE=mine --env-file /etc/other.env", { Env: ["MODE=mine"] }],
  ["-l a=b --label c --label d=", { Labels: { a: "b", c: "", d: "" } }],
  ["-u 1000:1000 -w /app -h web --domainname example.org", {
    User: "1000:1000",
    WorkingDir: "/app",
    Hostname: "web",
    Domainname: "example.org",
  }],
  ["--entrypoint /run.sh", { Entrypoint: ["/run.sh"] }],
  ["--entrypoint=", { Entrypoint: [""] }],
  ["--stop-signal SIGINT --stop-timeout 30", { StopSignal: "SIGINT", StopTimeout: 30 }],
  ["--expose 80 --expose 53/udp --expose 90-91", {
    ExposedPorts: { "80/tcp": {}, "53/udp": {}, "90/tcp": {}, "91/tcp": {} },
  }],
  ["--health-cmd=curl --health-interval 5s --health-timeout 500ms --health-retries 2", {
    Healthcheck: {
      Test: ["CMD-SHELL", "curl"],
      Interval: 5e9,
      Timeout: 5e8,
      Retries: 2,
    },
  }],
  ["--health-start-period 1m --health-start-interval 1s", {
    Healthcheck: { StartPeriod: 6e10, StartInterval: 1e9 },
  }],
  ["--no-healthcheck", { Healthcheck: { Test: ["NONE"] } }],
  ["--no-healthcheck=false", {}],
  ["-v /cache", { Volumes: { "/cache": {} } }],
  ["-- ./server --verbose -e", { Cmd: ["./server", "--verbose", "-e"] }],
  ["-e A=b -- -strange", { Env: ["A=b"], Cmd: ["-strange"] }],
];

const GOOD_HOST: readonly [line: string, host: Body][] = [
  ["-m 512m --memory-reservation 256M --memory-swap -1 --memory-swappiness 0", {
    Memory: 536_870_912,
    MemoryReservation: 268_435_456,
    MemorySwap: -1,
    MemorySwappiness: 0,
  }],
  ["--memory 1.5g", { Memory: 1_610_612_736 }],
  ["--memory 1GiB --shm-size 64mb", { Memory: 1_073_741_824, ShmSize: 67_108_864 }],
  ["--cpus 1.5 -c 512 --cpuset-cpus 0-3,5 --cpuset-mems 0", {
    NanoCpus: 1_500_000_000,
    CpuShares: 512,
    CpusetCpus: "0-3,5",
    CpusetMems: "0",
  }],
  ["--cpu-period 100000 --cpu-quota 50000 --pids-limit 100 --oom-score-adj -500", {
    CpuPeriod: 100_000,
    CpuQuota: 50_000,
    PidsLimit: 100,
    OomScoreAdj: -500,
  }],
  ["-v data:/data -v /etc/app:/etc/app:ro --volume ./x:/x:rw,Z -v ../y:/y", {
    Binds: ["data:/data", "/etc/app:/etc/app:ro", "/srv/app/x:/x:rw,Z", "/srv/y:/y"],
  }],
  ["--mount type=bind,source=/a,target=/b,readonly", {
    Mounts: [{ Type: "bind", Source: "/a", Target: "/b", ReadOnly: true }],
  }],
  ['--mount type=bind,"source=./a,b",target=/c', {
    Mounts: [{ Type: "bind", Source: "/srv/app/a,b", Target: "/c" }],
  }],
  ["--mount type=bind,src=./a,dst=/b,bind-propagation=rslave,ro=false", {
    Mounts: [{
      Type: "bind",
      Source: "/srv/app/a",
      Target: "/b",
      BindOptions: { Propagation: "rslave" },
    }],
  }],
  ["--mount source=data,destination=/d,volume-nocopy,volume-label=a=b,volume-opt=o=uid=1", {
    Mounts: [{
      Type: "volume",
      Source: "data",
      Target: "/d",
      VolumeOptions: {
        NoCopy: true,
        Labels: { a: "b" },
        DriverConfig: { Options: { o: "uid=1" } },
      },
    }],
  }],
  ["--mount type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=1770", {
    Mounts: [{ Type: "tmpfs", Target: "/t", TmpfsOptions: { SizeBytes: 1_048_576, Mode: 0o1770 } }],
  }],
  ["--tmpfs /run --tmpfs /tmp:size=64m,mode=1777", {
    Tmpfs: { "/run": "", "/tmp": "size=64m,mode=1777" },
  }],
  ["--add-host db:10.0.0.1 --add-host=v6=[::1] --add-host h:host-gateway", {
    ExtraHosts: ["db:10.0.0.1", "v6:::1", "h:host-gateway"],
  }],
  ["--dns 9.9.9.9 --dns ::1 --dns-search example.org --dns-option ndots:1", {
    Dns: ["9.9.9.9", "::1"],
    DnsSearch: ["example.org"],
    DnsOptions: ["ndots:1"],
  }],
  ["--log-driver local --log-opt max-size=10m --log-opt max-file=3", {
    LogConfig: { Type: "local", Config: { "max-size": "10m", "max-file": "3" } },
  }],
  ["--ulimit nofile=1024:2048 --ulimit core=-1", {
    Ulimits: [
      { Name: "nofile", Soft: 1024, Hard: 2048 },
      { Name: "core", Soft: -1, Hard: -1 },
    ],
  }],
  ["--read-only --init --cap-drop ALL --group-add 44", {
    ReadonlyRootfs: true,
    Init: true,
    CapDrop: ["ALL"],
    GroupAdd: ["44"],
  }],
  ["--init=false", { Init: false }],
  ["--sysctl net.core.somaxconn=1024 --storage-opt size=10G --runtime runsc", {
    Sysctls: { "net.core.somaxconn": "1024" },
    StorageOpt: { size: "10G" },
    Runtime: "runsc",
  }],
  ["--gpus all", {
    DeviceRequests: [{ Driver: "", Capabilities: [["gpu"]], Options: {}, Count: -1 }],
  }],
  ["--gpus device=0,GPU-1", {
    DeviceRequests: [{
      Driver: "",
      Capabilities: [["gpu"]],
      Options: {},
      DeviceIDs: ["0", "GPU-1"],
    }],
  }],
  ["--net back", { NetworkMode: "back" }],
];

const BAD: readonly [line: string, message: string][] = [
  ["nginx", '"nginx" is no option of docker run: the image is given elsewhere, and a command goes'],
  ["-e A=b ./server", '"./server" is no option'],
  ["-", '"-" is no option'],
  ["--", "there is no command behind the second --"],
  [
    "--memroy 1g",
    'unknown option "--memroy" of docker run (did you mean "--memory"?): known are --add-host, ',
  ],
  ["-z", 'unknown option "-z" of docker run: known are'],
  ["--e A=b", 'unknown option "--e"'],
  ["-e", "-e needs a value"],
  ["-e =b", '-e: "=b" has no name, give NAME=VALUE'],
  ["--env-file nowhere.env", '--env-file: "nowhere.env" cannot be read: there is no such file'],
  ["--env-file latin.env", '--env-file: "latin.env" cannot be read: it is not UTF-8'],
  ["--env-file bad.env", "--env-file: line 2 of bad.env is not NAME=VALUE"],
  ["--env-file nameless.env", "line 1 of nameless.env is not NAME=VALUE"],
  ["-l =b", '-l: "=b" is not KEY=VALUE'],
  ["-l liveroll.app=x", "labels that begin with liveroll. are liveroll's own"],
  ["-m lots", '-m: "lots" is not a size, give for example 512m or 1g'],
  ["--cpus 0", '--cpus: "0" is no number of processors'],
  ["--cpus two", "no number of processors"],
  ["--pids-limit x", '--pids-limit: "x" is not a whole number'],
  ["--oom-score-adj 1001", "--oom-score-adj: 1001 is out of range, give -1000 to 1000"],
  ["-v data", '-v: "data" is no path in the container'],
  ["-v data:/", '"/" is no path in the container'],
  ["-v data:data", '"data" is no path in the container'],
  ["-v a:/b:maybe", '"a:/b:maybe" is not SOURCE:TARGET[:ro]'],
  ["-v a:/b:ro:x", "is not SOURCE:TARGET[:ro]"],
  ["-v aa:/b:ro,rw", "is both read-only and writable"],
  ["-v ~/x:/x", '"~/x" is neither a path nor the name of a volume'],
  ["-v x/y:/x", '"x/y" is neither a path nor the name of a volume'],
  ["--mount type=bind,target=/b", '"" is neither a path nor'],
  ["--mount type=bind,source=name,target=/b", "a bind needs the path of its source"],
  ["--mount type=npipe,target=/b", 'its type "npipe" is not bind, volume or tmpfs'],
  ["--mount type=tmpfs,source=a,target=/b", "a tmpfs has no source"],
  ['--mount type=bind,source=/a"b,target=/c', "a quote is in the wrong place"],
  ['--mount type=bind,"source=/a,target=/c', "a quote is in the wrong place"],
  [
    '--mount "type=bind,source=/a,b",target=/c',
    'its type "bind,source=/a,b" is not bind, volume or tmpfs',
  ],
  ['--mount "type=bind"x,target=/c', "a quote is in the wrong place"],
  ["--mount type=bind\nsource=/a", "it has more than one line"],
  ["--mount source=aa", '"" is no path in the container'],
  ["--mount source=aa,target=/b,bogus=1", '"bogus" is not known'],
  ["--mount source=aa,target=/b,readonly=perhaps", 'readonly="perhaps" is neither true nor false'],
  ["--mount type=tmpfs,target=/b,tmpfs-mode=9", 'tmpfs-mode="9" is not octal'],
  ["--tmpfs run", '"run" is no path in the container'],
  ["--add-host db", '"db" is not HOST:ADDRESS'],
  ["--add-host db:nowhere", "is not HOST:ADDRESS"],
  ["--dns nine", '"nine" is no IP address'],
  ["--network a --ip ::1", '--ip: "::1" is no IPv4 address'],
  ["--ulimit nofile", '"nofile" is no limit'],
  ["--ulimit files=1", '"files=1" is no limit'],
  ["--ulimit nofile=2:1", "the first number may not be above the second"],
  ["--expose 0", "0 is out of range"],
  ["--expose 90-80", '"90-80" runs backwards'],
  ["--expose http", '"http" is no port'],
  ["-w app", '-w: "app" is no path from the root of the container'],
  ["--stop-signal term", '"term" is no signal'],
  ["--health-interval 5", 'missing unit in "5"'],
  ["--health-interval 5us", '"5us" is too short, give at least 1ms'],
  ["--health-timeout -1s", '"-1s" is negative'],
  ["--no-healthcheck --health-cmd x", "--no-healthcheck cannot be used together with --health-…"],
  ["--no-healthcheck --health-retries 3", "--no-healthcheck cannot be used together"],
  ["--init=perhaps", '--init: "perhaps" is neither true nor false'],
  ["--gpus some", '"some" is no request for GPUs'],
  ["--name -x", '--name: "-x" is no name of a container'],
  [
    "--network host",
    '--network: "host" cannot be used: the container would have no port of its own',
  ],
  ["--net=container:db", "cannot be used: the container would have no port"],
  ["--network none", "cannot be used"],
  ["--network a --network b", '"b" is a second network, give one'],
  ["--network name=a,alias=b", "aliases go to --network-alias"],
  ["--network-alias web", "--network-alias needs --network NAME"],
  ["--ip 10.0.0.1", "--ip and --ip6 need --network NAME"],
  ["--sysctl a", '"a" is not KEY=VALUE'],
];

for (const [line, body] of GOOD) {
  Deno.test(`options of docker run are read: ${line}`, () => {
    assertEquals(parse(line).body, { HostConfig: {}, ...body });
  });
}

for (const [line, host] of GOOD_HOST) {
  Deno.test(`options of docker run are read: ${line}`, () => {
    assertEquals(parse(line).body, { HostConfig: host });
  });
}

for (const [line, message] of BAD) {
  Deno.test(`options of docker run that make no sense are named: ${line}`, () => {
    const error = assertThrows(() => parse(line));
    assertEquals(error instanceof SyntaxError || error instanceof RangeError, true, String(error));
    assertStringIncludes((error as Error).message, message);
    assertEquals((error as Error).message.includes("hunter2"), false, "a secret");
  });
}

for (const [option, reason] of DENIED) {
  Deno.test(`--${option} cannot be given to docker run, and the reason is said`, () => {
    for (const line of [`--${option}`, `--${option}=x`, `--${option} x`]) {
      const error = assertThrows(() => parse(line), SyntaxError);
      assertEquals(error.message, `--${option} cannot be used: ${reason}`);
    }
  });
}

Deno.test("letters that are denied are denied alone, with a value and in clusters", () => {
  for (const letter of DENIED_LETTERS.keys()) {
    for (const word of [`-${letter}`, `-${letter}x`, `-${letter}=80:80`]) {
      assertThrows(() => parse(word), SyntaxError, `-${letter} cannot be used: `);
    }
  }
});

Deno.test("all that Dewy denies is denied here", () => {
  const dewy = "detach interactive tty publish label-file privileged pid cap-add security-opt " +
    "device userns cgroupns";
  assertEquals(dewy.split(" ").filter((option) => !DENIED.has(option)), []);
  assertEquals([..."ditp"].filter((letter) => !DENIED_LETTERS.has(letter)), []);
});

Deno.test("no option is both known and denied, and other names lead to options", () => {
  assertEquals([...OPTIONS.keys()].filter((option) => DENIED.has(option)), []);
  assertEquals([...OTHER_NAMES.values()].filter((option) => !OPTIONS.has(option)), []);
  assertEquals([...OTHER_NAMES.keys()].filter((name) => DENIED_LETTERS.has(name)), []);
});

Deno.test("--name is what the names of containers begin with", () => {
  assertEquals(parse("--name web").name, "web");
  assertEquals(parse("").name, null);
});

Deno.test("a container gets its aliases and addresses in its network", () => {
  const { body } = parse("--network back --network-alias web --network-alias api --ip 10.1.0.2");
  assertEquals(body.NetworkingConfig, {
    EndpointsConfig: {
      back: { Aliases: ["web", "api"], IPAMConfig: { IPv4Address: "10.1.0.2" } },
    },
  });
});

Deno.test("an unknown option is told all known ones, in order", () => {
  const { message } = assertThrows(() => parse("--nonsense"), SyntaxError);
  const known = message.slice(message.indexOf("known are ") + 10).split(", ");
  assertEquals(known, known.toSorted());
  assertEquals(known.length, OPTIONS.size);
  assertMatch(message, /--volume, --volume-driver, --workdir$/);
});

function parse(line: string) {
  return parseRunOptions(line === "" ? [] : line.split(" "), CONTEXT);
}
