"""Runs dbt commands in one process: argument lists of the JSON on the command line, over the project in this folder or over the manifest named.

Prints one JSON list of what they returned.
"""
import contextlib
import io
import json
import sys

from dbt.artifacts.schemas.manifest import WritableManifest
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest


def quietly(runner, args):
    with contextlib.redirect_stdout(io.StringIO()):
        return runner.invoke(args)


commands, path = json.loads(sys.argv[1]), sys.argv[2:]
# Parsed once, for all of them.
if path:
    manifest = Manifest.from_writable_manifest(WritableManifest.read_and_check_versions(path[0]))
else:
    manifest = quietly(dbtRunner(), ["parse"]).result
runner = dbtRunner(manifest=manifest)
answers = []
for args in commands:
    result = quietly(runner, args)
    lines = result.result if isinstance(result.result, list) else []
    answers.append(
        {
            "lines": [line for line in lines if isinstance(line, str)],
            "error": None if result.exception is None else str(result.exception),
        }
    )
print("\n" + json.dumps(answers))
