import { assertEquals } from "@std/assert";
import { parseRunOptions } from "../../../src/container/run_options.ts";
import { capture } from "../../../scripts/lib/command.ts";
import { needs, program } from "../../helpers/skip.ts";
import { CONTEXT } from "./run_context.ts";

/** What the program `docker` asks an engine for has to be what we ask for. */
const LINES: readonly string[] = [
  "-e A=b -e=C=d -eE=f --env G=h=i",
  "-l a=b --label c",
  "-u 1000:1000 -w /app -h web --domainname example.org",
  "--entrypoint /run.sh",
  "--entrypoint=",
  "--stop-signal SIGINT --stop-timeout 30",
  "--expose 80 --expose 53/udp --expose 90-91",
  "--health-cmd=curl --health-interval 5s --health-timeout 500ms --health-retries 2",
  "--health-start-period 1m",
  "--no-healthcheck",
  "-v /cache -v data:/data -v /etc/app:/etc/app:ro -v /x:/x:rw,Z",
  "-m 512m --memory-reservation 256M --memory-swap -1 --memory-swappiness 0",
  "--memory 1.5g --shm-size 64mb",
  "--cpus 1.5 -c 512 --cpuset-cpus 0-3,5 --cpuset-mems 0",
  "--cpu-period 100000 --cpu-quota 50000 --pids-limit 100 --oom-score-adj -500",
  "--mount type=bind,source=/a,target=/b,readonly",
  "--mount type=bind,src=/a,dst=/b,bind-propagation=rslave,ro=false",
  '--mount type=bind,"source=/a,b",target=/c,"readonly"',
  '--mount "type=bind","source=/a""b","target=/c"',
  "--mount source=data,destination=/d,volume-nocopy,volume-label=a=b,volume-opt=o=uid=1",
  "--mount type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=1770",
  "--tmpfs /run --tmpfs /tmp:size=64m,mode=1777",
  "--add-host db:10.0.0.1 --add-host h:host-gateway",
  "--dns 9.9.9.9 --dns-search example.org --dns-option ndots:1",
  "--log-driver local --log-opt max-size=10m --log-opt max-file=3",
  "--ulimit nofile=1024:2048 --ulimit core=-1",
  "--read-only --init --cap-drop ALL --group-add 44",
  "--init=false --read-only=true",
  "--sysctl net.core.somaxconn=1024 --storage-opt size=10G --runtime runsc",
  "--gpus all",
  "--gpus 2",
  "--network back --network-alias web --network-alias api --ip 10.1.0.2 --ip6 fd00::2",
  "--volume-driver local --cgroup-parent /a --blkio-weight 100 --oom-kill-disable",
];

Deno.test({
  name: "options mean what they mean to the program docker",
  ...needs(program("docker")),
  fn: async (test) => {
    const directory = await Deno.makeTempDir({ prefix: "liveroll-cli-" });
    const bodies: Record<string, unknown>[] = [];
    const path = `${directory}/docker.sock`;
    const server = Deno.serve({ path, onListen() {} }, async (request) => {
      const isCreate = new URL(request.url).pathname.endsWith("/containers/create");
      if (isCreate) bodies.push(await request.json());
      const headers = { "api-version": "1.41", "ostype": "linux" };
      const answer = isCreate ? JSON.stringify({ Id: "made", Warnings: [] }) : "OK";
      return new Response(answer, { status: isCreate ? 201 : 200, headers });
    });
    try {
      for (const line of LINES) {
        await test.step(line, async () => {
          const words = line.split(" ");
          const args = ["create", ...words, "app", "run", "-x"];
          const env = { DOCKER_HOST: `unix://${path}`, DOCKER_CONFIG: directory };
          const { ok, stderr } = await capture("docker", args, { env });
          assertEquals(ok, true, stderr);
          const { body } = parseRunOptions([...words, "--", "run", "-x"], CONTEXT);
          assertEquals(partOf(sorted(bodies.at(-1)), sorted(body)), sorted(body));
        });
      }
    } finally {
      await server.shutdown();
      await Deno.remove(directory, { recursive: true });
    }
  },
});

/** With all lists in one order: the program keeps some in tables without any. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted).toSorted((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).toSorted().map(([name, one]) => [name, sorted(one)]),
  );
}

/** Of `whole`, only what `pattern` has: the program spells out much that is empty. */
function partOf(whole: unknown, pattern: unknown): unknown {
  if (Array.isArray(whole) && Array.isArray(pattern)) {
    return whole.map((one, index) => partOf(one, pattern[index]));
  }
  if (!isObject(whole) || !isObject(pattern)) return whole;
  const names = Object.keys(pattern);
  return Object.fromEntries(names.map((name) => [name, partOf(whole[name], pattern[name])]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
