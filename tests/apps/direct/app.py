"""Accepts from the socket that it is given; its version says how it behaves, see README in ../."""

import os
import select
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

VERSION = os.environ["LIVEROLL_ID"]


def public_sockets():
    """What each is called, by descriptor."""
    if os.environ.get("LISTEN_PID") == str(os.getpid()):
        return dict(enumerate(os.environ["LISTEN_FDNAMES"].split(":"), 3))
    told = filter(None, os.environ.get("SERVER_STARTER_PORT", "").split(";"))
    return {int(fd): where for where, _, fd in (one.rpartition("=") for one in told)}


private = socket.socket(socket.AF_UNIX)


def ready():
    health = os.environ["LIVEROLL_HEALTHCHECK"]
    if health == "notify":
        address = os.environ["NOTIFY_SOCKET"]
        sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        sender.connect("\0" + address[1:] if address[0] == "@" else address)
        sender.send(b"READY=1")
    elif health.startswith("/"):
        server = HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Health)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    elif "AF_UNIX" in health:
        path = "{TOY_DIR}/health-{PORT}".format(**os.environ)
        if os.path.exists(path):
            os.unlink(path)
        private.bind(path)
        private.listen()


class Health(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_args):
        pass


def answer(connection, name):
    connection.setblocking(True)
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(4096)
        if not piece:
            return connection.close()
        head += piece
    nonce = b"".join(line for line in head.split(b"\r\n") if line.lower().startswith(b"x-nonce:"))
    body = VERSION.encode()
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nconnection: close\r\n%s\r\nx-socket: %s\r\nx-version: %s\r\n"
        b"content-length: %d\r\n\r\n%s"
        % (nonce or b"x-none: 1", name.encode(), body, len(body), body)
    )
    connection.close()


names = public_sockets()
if not names:
    sys.exit("no socket was passed")
if VERSION.startswith("dies"):
    sys.exit(7)
if VERSION.startswith("hangs"):
    time.sleep(600)
listeners = {socket.socket(fileno=fd): name for fd, name in names.items()}
for listener in listeners:
    listener.setblocking(False)
hear, say = os.pipe()
signal.signal(signal.SIGTERM, lambda *_args: os.write(say, b"."))
ready()
while True:
    readable = select.select([*listeners, hear], [], [])[0]
    if hear in readable:
        break
    for listener in readable:
        try:
            answer(listener.accept()[0], listeners[listener])
        except BlockingIOError:
            pass
for listener in listeners:
    listener.close()
if VERSION.startswith("deaf"):
    time.sleep(600)
