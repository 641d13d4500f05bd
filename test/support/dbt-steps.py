"""Runs dbt commands one after the other in one process, over the project in this folder, and keeps what each left behind.

The JSON on the command line is a list of steps: `name` (the folder below `steps/` that the artifacts are copied to), `args`, `env`, and
`interruptAt`: a node at whose start Ctrl-C comes.
Prints one JSON list of the exceptions, null where there was none.
"""
import contextlib
import io
import json
import os
import shutil
import signal
import sys
import time

from dbt.cli.main import dbtRunner
from dbt_common.events.functions import reset_metadata_vars

def interrupt_at(node):
    def on_event(event):
        if event.info.name == "LogStartLine" and event.data.node_info.node_name == node:
            os.kill(os.getpid(), signal.SIGINT)
            # The node itself has not ended when the main thread hears of it.
            time.sleep(1)

    return on_event


answers = []
for step in json.loads(sys.argv[1]):
    before = dict(os.environ)
    os.environ.update(step.get("env", {}))
    # dbt records the command line.
    sys.argv = ["dbt", *step["args"]]
    # A process reads the variables for `metadata.env` once.
    reset_metadata_vars()
    with contextlib.redirect_stdout(io.StringIO()):
        callbacks = [interrupt_at(step["interruptAt"])] if "interruptAt" in step else []
        result = dbtRunner(callbacks=callbacks).invoke(step["args"])
    os.environ.clear()
    os.environ.update(before)
    folder = os.path.join("steps", step["name"])
    os.makedirs(folder)
    for file in ("manifest.json", "run_results.json"):
        path = os.path.join("target", file)
        if os.path.exists(path):
            shutil.copy(path, folder)
    answers.append(None if result.exception is None else str(result.exception))
print("\n" + json.dumps(answers))
