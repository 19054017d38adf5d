"""Python's http.server: answers with what it saw, and tells it line by line on standard output."""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one write: two would wait for each other, 40 ms each time.
    wbufsize = -1

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self.echo
        raise AttributeError(name)

    def log_message(self, *_args):
        pass

    def echo(self):
        body = self.body()
        if body is None:
            self.close_connection = True
            return
        # `path` is not what was asked for where that begins with two slashes.
        target = self.raw_requestline.decode("latin-1").split(" ")[1]
        seen = {"method": self.command, "target": target, "body": body.decode("latin-1")}
        echo = json.dumps(seen, separators=(",", ":")).encode()
        with lock:
            print(echo.decode(), flush=True)
        self.send_response(200)
        self.send_header("content-length", str(len(echo)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(echo)

    def body(self):
        """As most applications do it; None when the client has left."""
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            return self.chunks()
        length = int(self.headers.get("content-length", "0"))
        body = self.rfile.read(length)
        return body if len(body) == length else None

    def chunks(self):
        body = b""
        while True:
            line = self.rfile.readline()
            if not line:
                return None
            size = int(line.split(b";")[0], 16)
            if size == 0:
                break
            piece = self.rfile.read(size)
            if len(piece) < size or not self.rfile.readline():
                return None
            body += piece
        while (line := self.rfile.readline()) not in (b"\r\n", b"\n"):
            if not line:
                return None
        return body


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_args):
        pass


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
os._exit(0)
