"""A small Snowflake for tests: the protocol that snowflake-sdk speaks, in front of fakesnow.

    python server.py       prints {"port": n} and serves until its standard input closes

Tests steer and watch it under /test/: see `TestRequests`.
"""

import gzip
import json
import os
import sys
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from account import Account, Refusal
from queries import Queries, Query
from scenario import Scenario


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.account = Account()
        self.queries = Queries()
        self.scenarios: defaultdict[str | None, Scenario] = defaultdict(Scenario)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class DroppedConnection(Exception):
    """The scenario wants the connection cut."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer in one piece: a second one would wait for the acknowledgement of the first.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Server

    def do_POST(self) -> None:
        self.answer(self.body())

    def do_GET(self) -> None:
        self.answer({})

    def body(self) -> dict[str, Any]:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") == "gzip":
            raw = gzip.decompress(raw)
        if "x-www-form-urlencoded" in self.headers.get("Content-Type", ""):
            return {name: values[0] for name, values in parse_qs(raw.decode()).items()}
        return json.loads(raw) if raw.strip() else {}

    def answer(self, body: dict[str, Any]) -> None:
        address = urlsplit(self.path)
        parameters = {name: values[0] for name, values in parse_qs(address.query).items()}
        try:
            self.route(address.path, parameters, body)
        except Refusal as refusal:
            self.send({"success": False, "code": refusal.code, "message": refusal.message, "data": refusal.data}, refusal.status)
        except (DroppedConnection, ConnectionError):
            self.close_connection = True
            self.connection.close()

    def route(self, path: str, parameters: dict[str, str], body: dict[str, Any]) -> None:
        account = self.server.account
        if path == "/session/v1/login-request":
            self.send({"success": True, "data": account.login(body["data"], parameters)})
        elif path == "/session/token-request":
            self.send({"success": True, "data": account.renew(self.token())})
        elif path == "/session/heartbeat":
            account.session(self.token())
            self.send({"success": True, "data": None})
        elif path == "/session" and parameters.get("delete") == "true":
            account.logout(self.token())
            self.send({"success": True, "data": None})
        elif path == "/session/authenticator-request":
            self.send({"success": True, "data": account.browser_login(body["data"])})
        elif path == "/oauth/token-request":
            self.send(account.refresh(body, self.headers.get("Authorization") or ""))
        elif path == "/queries/v1/query-request":
            self.query(parameters.get("requestId", ""), body)
        elif path.endswith("/abort-request"):
            self.server.queries.abort(body.get("requestId") or path.split("/")[2])
            self.send({"success": True, "data": None})
        elif path.startswith("/queries/") and path.endswith("/result"):
            account.session(self.token())
            self.result(self.server.queries.by_id(path.split("/")[2]))
        elif path.startswith("/chunks/"):
            self.chunk(path.split("/")[2], int(path.split("/")[3]))
        elif path.startswith("/test/"):
            self.send(TestRequests(self.server).answer(path.removeprefix("/test/"), body))
        else:
            # Telemetry, and whatever else a client may report.
            self.send({"success": True, "data": None})

    def token(self) -> str:
        return (self.headers.get("Authorization") or "").removeprefix('Snowflake Token="').removesuffix('"')

    def query(self, request_id: str, body: dict[str, Any]) -> None:
        """One statement. A repeat of a request gets the answer of the first."""
        session = self.server.account.session(self.token())
        queries = self.server.queries
        scenario = self.server.scenarios[session.database]
        query = queries.by_request(request_id)
        if query is None:
            fault = scenario.fault(body["sqlText"])
            query = queries.start(request_id, session, body, fault)
            if fault and fault.drop:
                raise DroppedConnection
        elif scenario.refuses_repeat():
            raise DroppedConnection
        self.result(query)

    def result(self, query: Query) -> None:
        self.send(query.answer(self.server.url))

    def chunk(self, query_id: str, index: int) -> None:
        query = self.server.queries.by_id(query_id)
        if self.server.scenarios[query.session.database].drops_chunk(index):
            raise DroppedConnection
        self.send_bytes(query.chunk(index), "binary/octet-stream", {"Content-Encoding": "gzip"})

    def send(self, answer: dict[str, Any], status: int = 200) -> None:
        self.send_bytes(json.dumps(answer).encode(), "application/json", {}, status)

    def send_bytes(self, payload: bytes, kind: str, headers: dict[str, str], status: int = 200) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(payload)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: tests read what they want to know under /test/."""


class TestRequests:
    """What tests ask of the server itself, each about its own `database`."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def answer(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        database = body.pop("database")
        match name:
            case "logins":  # the bodies of all logins since the last look
                return {"logins": self.server.account.take_logins(database)}
            case "queries":  # the statements since the last look, with their parameters
                return {"queries": self.server.queries.take_log(database)}
            case "faults":  # rules for the statements to come
                self.server.scenarios[database].set(body)
                return {}
            case "expire":  # the session tokens are no longer valid; the master tokens are, unless {"master": true}
                self.server.account.expire(database, body.get("master", False))
                return {}
            case _:
                raise Refusal("test", f"no test request {name}")


def main() -> None:
    server = Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"port": server.server_port}), flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
