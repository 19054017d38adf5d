import { assertEquals } from "@std/assert";
import { withWholePaths } from "../../../../src/container/run/whole_paths.ts";

for (
  const [given, whole] of [
    ["--env-file blog.env -e A=./b", "--env-file /srv/blog.env -e A=./b"],
    ["--env-file=../blog.env", "--env-file=/blog.env"],
    ["--env-file /etc/blog.env", "--env-file /etc/blog.env"],
    ["-v ./data:/data:ro", "-v /srv/data:/data:ro"],
    ["-v./data:/data -v=.:/all", "-v/srv/data:/data -v=/srv:/all"],
    ["--volume=../x:/x --volume data:/data", "--volume=/x:/x --volume data:/data"],
    ["--volume=data:/data ./x", "--volume=data:/data ./x"],
    ["--mount type=bind,source=./a,target=/a", "--mount type=bind,source=/srv/a,target=/a"],
    ["--mount=type=bind,src=..,target=/a", "--mount=type=bind,src=/,target=/a"],
    [
      '--mount type=bind,"source=./a,b",target=/a',
      '--mount type=bind,"source=/srv/a,b",target=/a',
    ],
    ['--mount type=bind,source=./a"b', '--mount type=bind,source=./a"b'],
    ["--mount type=volume,source=data,target=/a", "--mount type=volume,source=data,target=/a"],
    ["--name x -- run -v ./data:/data", "--name x -- run -v ./data:/data"],
  ] as const
) {
  Deno.test(`in /srv, ${given} means ${whole}`, () => {
    assertEquals(withWholePaths(given.split(" "), "/srv").join(" "), whole);
  });
}
