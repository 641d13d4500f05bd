"""Faults that a test asks for."""

import re
import threading
from dataclasses import dataclass
from typing import Any


@dataclass
class Fault:
    """What happens to the next statements that match `sql`."""

    sql: str
    times: int = 1
    code: str = ""
    state: str = ""
    message: str = ""
    drop: bool = False
    """The connection is cut; the statement runs all the same."""
    lasting: bool = False
    """From the first that matches on it happens to every statement."""
    delay: float = 0
    """Seconds before the statement starts."""


class Scenario:
    """The faults of one database: tests run side by side, each with a database of its own."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.faults: list[Fault] = []
        self.chunks: dict[int, int] = {}
        self.refusals = 0

    def set(self, wanted: dict[str, Any]) -> None:
        """`{"faults": [{"sql": "regular expression", …}], "chunks": {"2": 100}, "refuse": 9}`: chunk 2 is cut a hundred times; once a
        statement was cut, so are its next nine repetitions."""
        with self.lock:
            self.faults = [Fault(**fault) for fault in wanted.get("faults", [])]
            self.refusals = wanted.get("refuse", 0)
            self.chunks = {int(index): times for index, times in wanted.get("chunks", {}).items()}

    def fault(self, sql: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and re.search(fault.sql, sql, re.IGNORECASE):
                    fault.times -= 1
                    if fault.lasting:
                        fault.sql, fault.times = "", 1
                    return fault
        return None

    def refuses_repeat(self) -> bool:
        with self.lock:
            self.refusals -= 1
            return self.refusals >= 0

    def drops_chunk(self, index: int) -> bool:
        with self.lock:
            left = self.chunks.get(index, 0)
            self.chunks[index] = left - 1
            return left > 0
