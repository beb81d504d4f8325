"""A server that answers, but does not stop when asked to: what `LocalProgram.stop` must end."""

import http.server
import signal
import sys

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    address = ("127.0.0.1", int(sys.argv[1]))
    http.server.HTTPServer(address, http.server.SimpleHTTPRequestHandler).serve_forever()
