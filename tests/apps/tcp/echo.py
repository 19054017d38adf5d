"""A server that speaks no HTTP: it says its version first and then repeats what it hears.

Listens on PORT, and on PORT + 1 with ECHO_PORTS=2. ECHO_READY is the file that must be there before
it is ready: it listens at once, but says READY=1 on NOTIFY_SOCKET only then.
"""

import os
import pathlib
import socket
import socketserver
import threading
import time


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        version, port = os.environ["LIVEROLL_ID"], self.server.server_address[1]
        self.request.sendall(f"{version} {port - int(os.environ['PORT'])}\n".encode())
        while True:
            data = self.request.recv(65536)
            if not data:
                return
            self.request.sendall(data)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def notify(text):
    address = os.environ.get("NOTIFY_SOCKET", "").replace("@", "\0", 1)
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(text.encode(), address)


def main():
    port = int(os.environ["PORT"])
    for extra in range(int(os.environ.get("ECHO_PORTS", "1"))):
        server = Server(("127.0.0.1", port + extra), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    gate = os.environ.get("ECHO_READY", "").replace("VERSION", os.environ["LIVEROLL_ID"])
    notify("STATUS=waiting for its data")
    while gate and not pathlib.Path(gate).exists():
        time.sleep(0.01)
    print("ready", flush=True)
    notify("READY=1\nSTATUS=open")
    threading.Event().wait()


main()
