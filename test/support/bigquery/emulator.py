"""Starts bqemulator with what Backhaul's tests need of BigQuery put right, prints its address, ends when stdin does.

Kept of it: datasets, tables, their catalog, the wire format of rows. deviations.md lists what is replaced, and why.
"""

import asyncio
import re
import shutil
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import bqemulator.server
import duckdb
import duckdb_extension_spatial
from bqemulator.api.routes.upload import _parse_multipart_related
from bqemulator.config import Settings
from bqemulator.storage import sql_identifiers
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from jobs import STATUS, Job, Jobs

HERE = Path(__file__).parent
FIRST_ANSWER_SECONDS = 5
LARGEST_PAGE = 10_000


def failure(reason, message, location=None):
    code = STATUS.get(reason, 400)
    error = {"reason": reason, "message": message, "domain": "global", **({"location": location} if location else {})}
    return JSONResponse({"error": {"code": code, "message": message, "errors": [error]}}, status_code=code)


def not_found(project, job_id):
    return failure("notFound", f"Not found: Job {project}:{job_id}")


def routes(context):
    jobs = Jobs(context)
    router = APIRouter()

    def create(project, body):
        reference = body.get("jobReference", {})
        job_id = reference.get("jobId") or uuid4().hex
        if job_id in jobs.known:
            return None, failure("duplicate", f"Already Exists: Job {project}:{job_id}")
        return Job(jobs, project, job_id, body["configuration"], reference.get("location")), None

    @router.post("/bigquery/v2/projects/{project}/jobs")
    async def insert(project: str, request: Request):
        job, refused = create(project, await request.json())
        if refused is not None:
            return refused
        jobs.start(job, job.query)
        await jobs.wait(job, FIRST_ANSWER_SECONDS)
        if job.error is not None and job.configuration.get("dryRun"):
            return failure(**job.error.proto())
        return job.resource()

    @router.post("/upload/bigquery/v2/projects/{project}/jobs")
    async def upload(project: str, request: Request):
        envelope, media = _parse_multipart_related(request.headers.get("content-type", ""), await request.body())
        job, refused = create(project, envelope)
        if refused is not None:
            return refused
        with tempfile.NamedTemporaryFile(suffix=".ndjson") as file:
            file.write(media)
            file.flush()
            jobs.start(job, lambda: job.load(file.name))
            await job.task
        return job.resource()

    @router.get("/bigquery/v2/projects/{project}/jobs/{job_id}")
    async def get(project: str, job_id: str):
        job = jobs.find(job_id)
        return not_found(project, job_id) if job is None else job.resource()

    @router.post("/bigquery/v2/projects/{project}/jobs/{job_id}/cancel")
    async def cancel(project: str, job_id: str):
        job = jobs.find(job_id)
        if job is None:
            return not_found(project, job_id)
        if not job.is_done:
            job.cursor.interrupt()
        return {"kind": "bigquery#jobCancelResponse", "job": job.resource()}

    @router.get("/bigquery/v2/projects/{project}/queries/{job_id}")
    async def results(project: str, job_id: str, request: Request):
        job = jobs.find(job_id)
        if job is None:
            return not_found(project, job_id)
        asked = request.query_params
        await jobs.wait(job, int(asked.get("timeoutMs", "10000")) / 1000)
        if job.error is not None:
            return failure(**job.error.proto())
        limit = min(int(asked.get("maxResults", LARGEST_PAGE)), LARGEST_PAGE)
        return job.results(int(asked.get("pageToken") or asked.get("startIndex") or 0), limit)

    return router


def place_spatial():
    """DuckDB would download the extension that bqemulator asks for; a wheel has it."""
    platform = duckdb.sql("pragma platform").fetchone()[0]
    version = f"v{duckdb.__version__}"
    target = Path.home() / ".duckdb" / "extensions" / version / platform / "spatial.duckdb_extension"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(duckdb_extension_spatial.__file__).parent / "extensions" / version / target.name, target)


class SharedCatalog:
    """bqemulator's catalog, made for one thread, for the server's loop and the threads of jobs."""

    def __init__(self, catalog):
        self.catalog, self.lock = catalog, threading.RLock()

    def __getattr__(self, name):
        method = getattr(self.catalog, name)

        def alone(*args, **options):
            with self.lock:
                return method(*args, **options)

        return alone


def better_app(create_app):
    def create(context):
        context = replace(context, catalog=SharedCatalog(context.catalog))
        # On a session of its own: a thread that shared one would read another thread's result.
        connection = context.engine.connection
        context.engine.execute = lambda statement, parameters=None: connection.cursor().execute(statement, parameters)
        for statement in (HERE / "macros.sql").read_text().split(";\n"):
            context.engine.connection.execute(statement)
        app = create_app(context)
        app.router.routes[:0] = routes(context).routes
        return app

    return create


async def main():
    place_spatial()
    sql_identifiers._SQL_SAFE_ID_RE = re.compile(r"^[^\"\x00-\x1f]{1,255}$")
    bqemulator.server.create_app = better_app(bqemulator.server.create_app)
    settings = Settings(rest_port=0, grpc_port=0, log_level="error", enable_format_extensions=False)
    server = bqemulator.server.EmulatorServer(settings)
    await server.start()
    print(server.rest_url, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop()


asyncio.run(main())
