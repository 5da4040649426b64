"""An order source: the shop's server that Countersign asks for an order by its number (docs/guides/orders.md).

Put your database in place of ORDERS, and a server of your own in place of Python's.
"""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ORDERS = {
    "8123456789012345": {
        "buyer": "b_17",
        "order": {
            "id": "8123456789012345",
            "status": "shipped",
            "carrier": "Cainiao",
            "shipped_at": "2026-11-08T09:00:00+08:00",
        },
    }
}


class Source(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.headers["Authorization"] != f"Bearer {os.environ['ORDER_SOURCE_TOKEN']}":
            self.send_error(401)
            return
        held = ORDERS.get(self.path.rpartition("/")[2])
        if held is None:
            self.send_error(404)
            return
        body = json.dumps(held).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9090"))), Source).serve_forever()
