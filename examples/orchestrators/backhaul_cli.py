"""Runs Backhaul for an orchestrator: its log goes where yours goes, its results come back as data."""

import json
import subprocess
import tempfile
from dataclasses import dataclass
from typing import Any, Callable


@dataclass(frozen=True)
class BackhaulRun:
    """How a run ended. Holds ids, names and counts, and no property values."""

    exit_code: int
    document: dict[str, Any]
    """What `backhaul run --output json` printed; empty when it printed nothing."""

    @property
    def results(self) -> list[dict[str, Any]]:
        return self.document.get("results", [])

    @property
    def counts(self) -> dict[str, int]:
        """Rows by outcome over all syncs, without those that are zero, and the write calls."""
        counts: dict[str, int] = {}
        for result in self.results:
            for outcome, rows in result["counts"].items():
                if rows > 0:
                    counts[outcome] = counts.get(outcome, 0) + rows
        calls = sum(result["calls"]["made"] for result in self.results)
        return {**counts, "write_calls": calls}

    @property
    def why(self) -> str:
        """What is to be looked at, in words."""
        errors = [f"{result['sync']}: {result['error']['message']}" for result in self.results if result["error"]]
        if self.document.get("error"):
            errors.append(self.document["error"]["message"])
        return "; ".join(errors) or f"backhaul ended with exit code {self.exit_code}: see its log"


class BackhaulFailed(Exception):
    """Exit code 1: rows were rejected or are left, a guard or the gate held a sync, or somebody did not answer. Running again may help."""

    def __init__(self, run: BackhaulRun) -> None:
        super().__init__(run.why)
        self.run = run


class BackhaulUnusable(BackhaulFailed):
    """Exit code 2: wrong usage, an interrupt or a defect. Running again does not help."""


def run_backhaul(
    *args: str,
    command: str = "backhaul",
    env: dict[str, str] | None = None,
    log: Callable[[str], None] = print,
    started: Callable[[subprocess.Popen[str]], None] = lambda process: None,
) -> BackhaulRun:
    """Runs `backhaul run …` to its end, e.g. `run_backhaul("--target", "prod", "--gate", "require")`.

    An exception that ends the caller meanwhile ends the run, too: it finishes what is under way and records it. `started` gets the process,
    for those who are told in another way: `terminate` does the same.

    Raises BackhaulFailed or BackhaulUnusable unless the exit code is 0.
    """
    # A file, not a pipe: nobody reads it while the log is read.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        process = subprocess.Popen(
            [command, "run", "--output", "json", "--no-use-colors", *args],
            env=env,
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert process.stderr is not None
        try:
            started(process)
            for line in process.stderr:
                log(line.rstrip("\n"))
            exit_code = process.wait()
        except BaseException:
            process.terminate()
            process.stderr.close()
            process.wait()
            raise
        output.seek(0)
        text = output.read()
    run = BackhaulRun(exit_code, json.loads(text) if text.startswith("{") else {})
    if exit_code == 0:
        return run
    raise BackhaulFailed(run) if exit_code == 1 else BackhaulUnusable(run)
