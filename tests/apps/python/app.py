"""A small versioned HTTP server that misbehaves on demand; see ../behaviour.ts."""

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

DIR = os.environ.get("TOY_DIR", ".")
VERSION = os.environ.get("LIVEROLL_ID", "none")
PORT = int(os.environ.get("PORT", "8000"))
HOST = os.environ.get("TOY_HOST", "127.0.0.1")
HOLDER = """
import http.server, signal, sys, threading, time
port, ms = int(sys.argv[1]), int(sys.argv[2])
signal.signal(signal.SIGTERM, signal.SIG_IGN)
class Stranger(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"stranger")
if port:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Stranger)
    threading.Thread(target=server.serve_forever, daemon=True).start()
print("holding", flush=True)
time.sleep(ms / 1000)
"""

lock = threading.Lock()
in_flight = 0
stopping = False
probes = {"count": 0, "url": "", "host": ""}


def read_behaviour():
    name = re.sub(r"[^A-Za-z0-9._-]", "_", VERSION)
    try:
        with open(f"{DIR}/behaviour/{name}.json", encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


BEHAVIOUR = read_behaviour()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args):
        pass

    def serve(self):
        global in_flight
        with lock:
            in_flight += 1
        try:
            self.route()
        finally:
            with lock:
                in_flight -= 1
            if stopping:
                self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = serve

    def route(self):
        url = urlsplit(self.path)
        self.query = {key: values[0] for key, values in parse_qs(url.query, True).items()}
        name = "root" if url.path == "/" else url.path.strip("/").replace("/", "_")
        getattr(self, f"get_{name}", self.not_found)()

    def answer(self, body, status=200, headers=()):
        data = body if isinstance(body, bytes) else str(body).encode()
        self.begin(status, [("content-length", len(data)), *headers])
        if self.command != "HEAD":
            self.wfile.write(data)

    def begin(self, status, headers):
        self.send_response(status)
        self.send_header("x-version", VERSION)
        if "x-nonce" in self.headers:
            self.send_header("x-nonce", self.headers["x-nonce"])
        for name, value in headers:
            self.send_header(name, str(value))
        if stopping:
            self.send_header("connection", "close")
        self.end_headers()

    def body(self):
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            return b"".join(self.chunks())
        return self.rfile.read(int(self.headers.get("content-length", "0")))

    def chunks(self):
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def get_root(self):
        self.answer(VERSION)

    def not_found(self):
        self.body()
        self.answer("not found", 404)

    def get_healthz(self):
        health = BEHAVIOUR.get("health", {})
        with lock:
            probes.update(count=probes["count"] + 1, url=self.path, host=self.headers.get("host"))
            count = probes["count"]
        hang_first = health.get("hangFirst", 0)
        if hang_first < 0 or count <= hang_first:
            time.sleep(3600)
        if count <= health.get("failFirst", 0):
            return self.answer("not yet", 500)
        if "onlyHost" in health and self.headers.get("host") != health["onlyHost"]:
            return self.answer("wrong host", 421)
        if "redirectTo" in health:
            return self.answer("", 302, [("location", health["redirectTo"])])
        if "exitAfterMs" in health:
            threading.Timer(health["exitAfterMs"] / 1000, os._exit, [1]).start()
        status = health.get("status", 200)
        self.answer("" if status == 204 else "health", status)

    def get_probes(self):
        self.answer(json.dumps(probes))

    def get_slow(self):
        time.sleep(int(self.query["ms"]) / 1000)
        self.answer(VERSION)

    def get_latch(self):
        with socket.create_connection(("127.0.0.1", int(self.query["port"]))) as conn:
            conn.sendall(f"{VERSION} {os.getpid()}\n".encode())
            if "head" in self.query:
                self.begin(200, [("content-length", len("begun " + VERSION))])
                self.wfile.write(b"begun ")
                conn.recv(1)
                self.wfile.write(VERSION.encode())
                return
            conn.recv(1)
        self.answer(VERSION)

    def get_sse(self):
        self.close_connection = True
        self.begin(200, [("content-type", "text/event-stream"), ("connection", "close")])
        count = 0
        while True:
            self.wfile.write(f"data: {VERSION} {count}\n\n".encode())
            count += 1
            time.sleep(int(self.query.get("every", "50")) / 1000)

    def get_stream(self):
        total, sent = int(self.query["bytes"]), 0
        self.begin(200, [("content-length", total)])
        while sent < total:
            size = min(16_384, total - sent)
            self.wfile.write(bytes((sent + i) % 251 for i in range(size)))
            sent += size
            time.sleep(int(self.query.get("pause", "0")) / 1000)

    def get_upload(self):
        body = self.body()
        digest = hashlib.sha256(body).hexdigest()
        self.answer(json.dumps({"version": VERSION, "bytes": len(body), "sha256": digest}))

    def get_pid(self):
        self.answer(os.getpid())

    def get_headers(self):
        headers = [[name, value] for name, value in self.headers.items()]
        self.answer(json.dumps({"method": self.command, "url": self.path, "headers": headers}))

    def get_env(self):
        self.answer(json.dumps(dict(os.environ)))

    def get_crash(self):
        os._exit(int(self.query.get("code", "1")))

    def get_tally(self):
        self.body()
        with open(f"{DIR}/tally-{self.query['name']}", "a", encoding="utf-8") as file:
            file.write(f"{VERSION}\n")
        if "crash" in self.query:
            os._exit(1)
        self.answer(VERSION)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_args):
        pass


def sleep_ms(ms):
    time.sleep(ms / 1000)


def flood():
    for n in range(BEHAVIOUR.get("flood", {}).get("lines", 0)):
        print(f"{n} ".ljust(BEHAVIOUR["flood"]["length"], "x"))


def crash():
    if "crash" not in BEHAVIOUR:
        return
    for line in BEHAVIOUR["crash"]["lastWords"]:
        print(line, file=sys.stderr, flush=True)
    sleep_ms(BEHAVIOUR["crash"].get("afterMs", 0))
    os._exit(BEHAVIOUR["crash"]["code"])


def spawn_holder(port, ms, session, env):
    # A stranger is nobody's child: the shell that starts it ends at once.
    shell = '"$@" &' if "TOY_STRANGER" in env else 'exec "$@"'
    holder = subprocess.Popen(
        ["sh", "-c", shell, "sh", sys.executable, "-c", HOLDER, str(port), str(ms)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=session,
        env=env,
    )
    holder.stdout.readline()


def misbehave():
    if "offspring" in BEHAVIOUR:
        spawn_holder(0, 60_000, BEHAVIOUR["offspring"] == "session", os.environ)
    if "steal" in BEHAVIOUR:
        env = {**os.environ, "TOY_STRANGER": "1"}
        env.pop("LIVEROLL_INSTANCE", None)
        spawn_holder(BEHAVIOUR["steal"]["port"], BEHAVIOUR["steal"]["ms"], True, env)
    sleep_ms(BEHAVIOUR.get("startDelayMs", 0))
    crash()


def drain(servers):
    global stopping
    sleep_ms(BEHAVIOUR.get("termDelayMs", 0))
    stopping = True
    for server in servers:
        server.shutdown()
        server.server_close()
    while in_flight:
        sleep_ms(5)
    os._exit(0)


def on_term(servers):
    print(f"toy {VERSION} got TERM", flush=True)
    if BEHAVIOUR.get("onTerm", "drain") == "drain":
        threading.Thread(target=drain, args=(servers,)).start()


def main():
    flood()
    misbehave()
    ports = [BEHAVIOUR.get("bindInstead", PORT), *BEHAVIOUR.get("alsoBind", [])]
    servers = [Server((HOST, port), Handler) for port in ports]
    for server in servers:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
    if "exitAfterMs" in BEHAVIOUR:
        threading.Timer(BEHAVIOUR["exitAfterMs"] / 1000, os._exit, [0]).start()
    if BEHAVIOUR.get("onTerm", "drain") != "default":
        signal.signal(signal.SIGTERM, lambda *_: on_term(servers))
    print(f"toy {VERSION} ready on {PORT}", flush=True)
    threading.Event().wait()


main()
