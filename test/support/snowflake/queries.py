"""Statements under way and done, and their results in pieces."""

import gzip
import threading
import time
import uuid
from typing import Any

from account import Refusal
from engine import Result, Session, SqlError
from scenario import Fault
from wire import bound, chunk, rowset, slices

FIRST_ROWS = 1000
"""Rows that travel in the answer itself; all others are chunks with addresses of their own."""
CHUNK_ROWS = 5000
HOLD_SECONDS = 3.0
"""A statement that takes longer is answered with an address to ask at."""
KEPT_SECONDS = 180
"""Longer than a client repeats a request: one that was forgotten would be run again."""
FORMATS = {
    "TIMEZONE": "UTC",
    "DATE_OUTPUT_FORMAT": "YYYY-MM-DD",
    "TIME_OUTPUT_FORMAT": "HH24:MI:SS.FF9",
    "TIMESTAMP_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF9 TZHTZM",
    "BINARY_OUTPUT_FORMAT": "HEX",
}
"""Comes with each result: the client cannot read a BINARY without."""


class Query:
    def __init__(self, session: Session, body: dict[str, Any], fault: Fault | None) -> None:
        self.id = str(uuid.uuid4())
        self.session = session
        self.body = body
        self.fault = fault
        self.result: Result | None = None
        self.error: SqlError | None = None
        self.done = threading.Event()
        self.used = time.monotonic()
        threading.Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        try:
            if self.fault:
                time.sleep(self.fault.delay)
            if self.fault and self.fault.code:
                raise SqlError(self.fault.code, self.fault.state, self.fault.message)
            self.result = self.execute()
        except SqlError as error:
            self.error = error
        except Exception as error:  # noqa: BLE001: whatever it is, the client must hear of it
            self.error = SqlError("000603", "XX000", f"{type(error).__name__} in the server under test: {error}")
        finally:
            self.done.set()

    def execute(self) -> Result:
        sql, binds = self.body["sqlText"], self.body.get("bindings") or {}
        columns = [binds[str(position)] for position in range(1, len(binds) + 1)]
        if self.body.get("describeOnly"):
            return self.session.describe(sql)
        if any(isinstance(column["value"], list) for column in columns):
            return self.session.insert_rows(sql, [column["value"] for column in columns])
        return self.session.execute(sql, [bound(column, column["value"]) for column in columns])

    def abort(self) -> None:
        if not self.done.is_set():
            self.session.interrupt()

    def answer(self, url: str) -> dict[str, Any]:
        if not self.done.wait(HOLD_SECONDS):
            data = {"queryId": self.id, "getResultUrl": f"/queries/{self.id}/result", "progressDesc": None}
            return {"success": True, "code": "333333", "message": None, "data": data}
        if self.error is not None:
            data = {"queryId": self.id, "sqlState": self.error.sql_state, "errorCode": self.error.code, "internalError": False, "type": "COMPILATION"}
            return {"success": False, "code": self.error.code, "message": self.error.message, "data": data}
        return {"success": True, "code": None, "message": None, "data": self.rows(url)}

    def rows(self, url: str) -> dict[str, Any]:
        assert self.result is not None
        rows = self.result.rows
        rest = list(slices(rows.slice(FIRST_ROWS), CHUNK_ROWS))
        data = {
            "queryId": self.id,
            "rowtype": self.result.columns,
            "rowset": rowset(rows.slice(0, FIRST_ROWS)),
            "total": rows.num_rows,
            "returned": rows.num_rows,
            "parameters": [{"name": name, "value": value} for name, value in FORMATS.items()],
            "queryResultFormat": "json",
            "statementTypeId": self.result.statement_type,
            "finalDatabaseName": self.session.connection.database,
            "finalSchemaName": self.session.connection.schema,
        }
        if rest:
            data["chunkHeaders"] = {}
            data["chunks"] = [
                {"url": f"{url}/chunks/{self.id}/{index}", "rowCount": part.num_rows, "uncompressedSize": 1, "compressedSize": 1}
                for index, part in enumerate(rest)
            ]
        return data

    def chunk(self, index: int) -> bytes:
        assert self.result is not None
        return gzip.compress(chunk(self.result.rows.slice(FIRST_ROWS + index * CHUNK_ROWS, CHUNK_ROWS)), compresslevel=1)


class Queries:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.requests: dict[str, Query] = {}
        """From the one that nobody asked about for longest to the one that was asked about last."""
        self.log: list[dict[str, Any]] = []

    def start(self, request_id: str, session: Session, body: dict[str, Any], fault: Fault | None) -> Query:
        with self.lock:
            self.forget_unused()
            query = Query(session, body, fault)
            self.requests[request_id] = query
            binds = body.get("bindings") or {}
            self.log.append({"database": session.database, "sql": body["sqlText"], "parameters": body.get("parameters") or {}, "binds": len(binds)})
            return query

    def forget_unused(self) -> None:
        oldest = time.monotonic() - KEPT_SECONDS
        for request_id, query in list(self.requests.items()):
            if query.used > oldest:
                break
            if query.done.is_set():
                del self.requests[request_id]

    def by_request(self, request_id: str) -> Query | None:
        with self.lock:
            return self.use(request_id)

    def by_id(self, query_id: str) -> Query:
        with self.lock:
            for request_id, query in self.requests.items():
                if query.id == query_id:
                    self.use(request_id)
                    return query
        raise Refusal("000709", f"Statement {query_id} not found", {"queryId": query_id, "sqlState": "02000"})

    def use(self, request_id: str) -> Query | None:
        query = self.requests.pop(request_id, None)
        if query is not None:
            query.used = time.monotonic()
            self.requests[request_id] = query
        return query

    def abort(self, either_id: str) -> None:
        with self.lock:
            found = [query for key, query in self.requests.items() if either_id in (key, query.id)]
        for query in found:
            query.abort()

    def take_log(self, database: str) -> list[dict[str, Any]]:
        with self.lock:
            taken = [entry for entry in self.log if entry["database"] == database]
            self.log = [entry for entry in self.log if entry["database"] != database]
            return taken
