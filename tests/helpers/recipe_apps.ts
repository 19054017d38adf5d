// Small applications as a user would write them: none of them knows liveroll or handles signals.
// They answer as the load client expects: the version in body and header, the nonce sent back.
import { capture, isInstalled, succeed } from "../../scripts/lib/command.ts";

/** Files of an application by their path. */
export type Files = Record<string, string>;

/** For `npm ci` and `node server.js`. */
export function nodeApp(version: string): Files {
  const name = "blog";
  const description = { name, version: "1.0.0" };
  return {
    "package.json": JSON.stringify(description),
    "package-lock.json": JSON.stringify({
      ...description,
      lockfileVersion: 3,
      packages: { "": description },
    }),
    "version.json": JSON.stringify(version),
    "server.js": `
      const { createServer } = require("node:http");
      const { readFileSync } = require("node:fs");
      const version = () => JSON.parse(readFileSync("version.json", "utf8"));
      const versionAtStart = version();
      createServer((request, response) => {
        response.setHeader("x-version", versionAtStart);
        response.setHeader("x-nonce", request.headers["x-nonce"] ?? "");
        // Read anew each time, as templates are: files must stay what they were.
        response.end(process.env.NODE_ENV === "production" ? version() : "not in production");
      }).listen(process.env.PORT, "127.0.0.1");
    `,
  };
}

/** For `pip install -r requirements.txt` and `python app.py`; needs {@linkcode makeWheel}. */
export function pythonApp(version: string): Files {
  return {
    "requirements.txt": "greeting==1.0\n",
    "app.py": `
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from greeting import hello

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = hello("${version}").encode()
        self.send_response(200)
        self.send_header("x-version", "${version}")
        self.send_header("x-nonce", self.headers.get("x-nonce", ""))
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
`,
  };
}

/** Puts the package that {@linkcode pythonApp} requires into `directory`. */
export async function makeWheel(directory: string): Promise<void> {
  const info = `${directory}/greeting-1.0.dist-info`;
  await writeFiles(directory, { "greeting.py": "def hello(name):\n    return name\n" });
  await Deno.mkdir(info);
  await writeFiles(info, {
    METADATA: "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n",
    WHEEL: "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    RECORD: ["greeting.py", "METADATA", "WHEEL", "RECORD"]
      .map((name) => name === "greeting.py" ? name : `greeting-1.0.dist-info/${name}`)
      .map((path) => `${path},,\n`).join(""),
  });
  const wheel = `${directory}/greeting-1.0-py3-none-any.whl`;
  const parts = [`${directory}/greeting.py`, info];
  await succeed("python3", ["-m", "zipfile", "-c", wheel, ...parts]);
}

/** An executable: of Go where Go is installed, else a Python script. */
export async function binaryApp(version: string, directory: string): Promise<Uint8Array> {
  if (!isInstalled("go")) return new TextEncoder().encode(scriptApp(version));
  await writeFiles(directory, { "main.go": GO_APP });
  // Only what is linked in differs, so that just the first build takes its time.
  const flags = ["build", "-ldflags", `-s -w -X main.version=${version}`, "-o", "blog", "main.go"];
  await succeed("go", flags, { cwd: directory, env: { GOTOOLCHAIN: "local", CGO_ENABLED: "0" } });
  return await Deno.readFile(`${directory}/blog`);
}

/** A repository on this machine, with the branch `main`. */
export class Repository {
  readonly url: string;
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
    this.url = `file://${directory}`;
  }

  static async create(directory: string): Promise<Repository> {
    await succeed("git", ["init", "--quiet", "--initial-branch=main", directory]);
    return new Repository(directory);
  }

  /** @returns The id of the commit. */
  async commit(files: Files): Promise<string> {
    await writeFiles(this.#directory, files);
    const author = ["-c", "user.name=test", "-c", "user.email=test@example.org"];
    await this.#git("add", "--all");
    await this.#git(...author, "commit", "--quiet", "--message=next");
    return (await this.#git("rev-parse", "HEAD")).trim();
  }

  #git(...args: string[]): Promise<string> {
    return succeed("git", ["-C", this.#directory, ...args]);
  }
}

/** Whether `python3` can make virtual environments; Debian has that in a package of its own. */
export async function hasVenv(): Promise<boolean> {
  return (await capture("python3", ["-c", "import venv, ensurepip"])).ok;
}

async function writeFiles(directory: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${directory}/${path}`, text);
  }
}

function scriptApp(version: string): string {
  const app = pythonApp(version)["app.py"]!;
  return "#!/usr/bin/env python3" + app.replace(/^from greeting .*$/m, "hello = str");
}

const GO_APP = `package main

import (
	"net/http"
	"os"
)

var version = "none"

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("x-version", version)
		w.Header().Set("x-nonce", r.Header.Get("x-nonce"))
		w.Write([]byte(version))
	})
	http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil)
}
`;
