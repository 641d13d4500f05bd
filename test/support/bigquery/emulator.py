"""Starts bqemulator with what Backhaul's tests need of BigQuery put right: python emulator.py REST_PORT GRPC_PORT.

Kept of it: datasets, tables, their catalog, the wire format of rows. deviations.md lists what is replaced, and why.
"""

import sys
import tempfile
from pathlib import Path
from uuid import uuid4

import bqemulator.server
from bqemulator.api.routes.upload import _parse_multipart_related
from bqemulator.config import Settings
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
        job = jobs.known.get(job_id)
        return not_found(project, job_id) if job is None else job.resource()

    @router.post("/bigquery/v2/projects/{project}/jobs/{job_id}/cancel")
    async def cancel(project: str, job_id: str):
        job = jobs.known.get(job_id)
        if job is None:
            return not_found(project, job_id)
        if not job.is_done:
            job.cursor.interrupt()
        return {"kind": "bigquery#jobCancelResponse", "job": job.resource()}

    @router.get("/bigquery/v2/projects/{project}/queries/{job_id}")
    async def results(project: str, job_id: str, request: Request):
        job = jobs.known.get(job_id)
        if job is None:
            return not_found(project, job_id)
        asked = request.query_params
        await jobs.wait(job, int(asked.get("timeoutMs", "10000")) / 1000)
        if job.error is not None:
            return failure(**job.error.proto())
        limit = min(int(asked.get("maxResults", LARGEST_PAGE)), LARGEST_PAGE)
        return job.results(int(asked.get("pageToken") or asked.get("startIndex") or 0), limit)

    return router


def main():
    create_app = bqemulator.server.create_app

    def create_better_app(context):
        for statement in (HERE / "macros.sql").read_text().split(";\n"):
            context.engine.connection.execute(statement)
        app = create_app(context)
        ours = routes(context)
        app.router.routes[:0] = ours.routes
        return app

    bqemulator.server.create_app = create_better_app
    rest, grpc = (int(port) for port in sys.argv[1:3])
    bqemulator.server.run_forever(Settings(rest_port=rest, grpc_port=grpc, log_level="warning"))


main()
