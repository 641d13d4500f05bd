"""Jobs that run beside the server's loop, each on a DuckDB session of its own: they can be waited for, cancelled, and conflict."""

import asyncio
import json
import re
import sys
import time

import pyarrow as pa
from bqemulator.catalog.ddl_sync import sync_created_schema, sync_created_table, sync_created_view, sync_dropped_object
from bqemulator.jobs.executor import build_response_schema
from bqemulator.storage.arrow_bridge import arrow_table_to_bq_rows
from bqemulator.storage.engine import _annotate_with_duckdb_types
from sqlglot import exp
from translate import dataset_of, parse, qualify, tables_of, to_duckdb

MEBIBYTE = 1024 * 1024
SMALLEST_BILL = 10 * MEBIBYTE
KEPT_SECONDS = 120
STATUS = {"notFound": 404, "accessDenied": 403, "duplicate": 409, "bytesBilledLimitExceeded": 400, "stopped": 400}
CONVERT = {"INT64": int, "FLOAT64": float, "BOOL": lambda text: text == "true", "STRING": str}


class JobError(Exception):
    def __init__(self, reason, message, location=None):
        super().__init__(message)
        self.reason, self.message, self.location = reason, message, location

    def proto(self):
        return {"reason": self.reason, "message": self.message, **({"location": self.location} if self.location else {})}


def as_job_error(error, is_script):
    """DuckDB's errors in BigQuery's words, as far as the product tells them apart."""
    text = str(error)
    if isinstance(error, JobError):
        return error
    if "INTERRUPT" in text.upper():
        return JobError("stopped", "Job execution was cancelled: User requested cancellation")
    if "onflict" in text:
        if is_script:
            return JobError("invalidQuery", "Transaction is aborted due to concurrent update against table")
        return JobError("invalidQuery", "Could not serialize access to table due to concurrent update", "query")
    missing = re.search(r"(Table|Schema) with name (\S+) does not exist", text)
    if missing:
        kind = "Table" if missing[1] == "Table" else "Dataset"
        return JobError("notFound", f"Not found: {kind} {missing[2]} was not found in location US")
    unknown = re.search(r'Referenced column "(.*?)" not found|does not have a column with name "(.*?)"', text)
    if unknown:
        return JobError("invalidQuery", f"Unrecognized name: {unknown[1] or unknown[2]} at [1:1]", "query")
    return JobError("invalidQuery", text.split("\n")[0], "query")


class Job:
    def __init__(self, server, project, job_id, configuration, location):
        self.server, self.project, self.id = server, project, job_id
        self.configuration, self.location = configuration, location
        self.created = int(time.time() * 1000)
        self.used = time.monotonic()
        self.cursor = server.engine.connection.cursor()
        self.error = self.result = self.affected = None
        self.schema, self.bytes, self.kind, self.is_done = [], 0, "", False

    # -- In a thread ------------------------------------------------------

    def run(self, work):
        try:
            work()
        except Exception as error:  # noqa: BLE001
            print(self.id, error, self.configuration.get("query", {}).get("query", "")[:2000], file=sys.stderr, flush=True)
            self.error = as_job_error(error, self.kind == "SCRIPT")
            try:
                self.cursor.rollback()
            except Exception:  # noqa: BLE001, S110
                pass
        finally:
            self.is_done = True
            self.cursor.close()

    def query(self):
        query = self.configuration["query"]
        given = query.get("queryParameters") or []
        types = {p["name"]: p["parameterType"]["type"] for p in given}
        values = {p["name"]: CONVERT[types[p["name"]]](p["parameterValue"]["value"]) for p in given}
        statements = parse(query["query"])
        self.kind = "SCRIPT" if len(statements) > 1 else type(statements[0]).__name__.upper()
        for statement in statements:
            qualify(statement, self.project, query.get("defaultDataset"))
        self.check(statements, query)
        for statement in statements:
            self.statement(statement, types, values)

    def statement(self, statement, types, values):
        if isinstance(statement, exp.Transaction):
            return self.cursor.begin()
        if isinstance(statement, exp.Commit):
            return self.cursor.commit()
        if self.configuration.get("dryRun") and not isinstance(statement, exp.Query):
            return None
        used = {p.name for p in statement.find_all(exp.Parameter)}
        source = statement.sql(dialect="bigquery") if isinstance(statement, (exp.Create, exp.Drop)) else None
        tables = tables_of(statement)
        catalog = self.server.context.catalog
        made = dataset_of(statement)
        if made is not None and catalog.get_dataset(*made) is not None:
            made = None
        sql = to_duckdb(statement, types)
        answer = self.cursor.execute(sql, {name: values[name] for name in used} or None)
        if isinstance(statement, exp.Query):
            description = answer.description
            self.result = _annotate_with_duckdb_types(answer.to_arrow_table(), description)
            self.schema = build_response_schema(self.result.schema)
        elif isinstance(statement, (exp.Insert, exp.Update, exp.Delete, exp.Merge)):
            self.affected = answer.fetchone()[0]
        elif isinstance(statement, exp.Alter):
            with catalog.lock:
                self.server.note_alter(*tables.pop(), statement.args["actions"])
        if source is not None:
            with catalog.lock:
                self.note(source, made, tables)
        return None

    def note(self, source, made, tables):
        """Enters in bqemulator's catalog what a statement made or dropped."""
        catalog = self.server.context.catalog
        for sync in (sync_created_schema, sync_created_table, sync_created_view, sync_dropped_object):
            sync(source, self.project, self.server.context)
        if made is not None and self.location is not None:
            dataset = catalog.get_dataset(*made)
            catalog.update_dataset(dataset.model_copy(update={"location": self.location}))
        for table in tables:
            self.server.note_json(self.cursor, *table)

    def check(self, statements, query):
        """What BigQuery refuses before it runs anything: another location, more bytes than allowed."""
        known = {table for statement in statements for table in tables_of(statement)}
        for project, dataset, _ in known:
            found = self.server.context.catalog.get_dataset(project, dataset)
            if found is not None and self.location and found.location.upper() != self.location.upper():
                raise JobError("notFound", f"Not found: Dataset {project}:{dataset} was not found in location {self.location}")
        if not all(isinstance(s, (exp.Create, exp.Drop, exp.Alter)) for s in statements):
            self.bytes = sum(self.server.size_of(self.cursor, *table) for table in known)
        limit = query.get("maximumBytesBilled") or self.configuration.get("maximumBytesBilled")
        if limit is not None and int(limit) < self.billed():
            message = f"Query exceeded limit for bytes billed: {limit}. {self.billed()} or higher required."
            raise JobError("bytesBilledLimitExceeded", message)

    def load(self, path):
        load = self.configuration["load"]
        ref = load["destinationTable"]
        schema, table = f"{ref['projectId']}__{ref['datasetId']}", ref["tableId"]
        found = self.cursor.execute(
            "select column_name, data_type from duckdb_columns() where schema_name = ? and table_name = ?", [schema, table]
        ).fetchall()
        if not found:
            raise JobError("notFound", f"Not found: Table {ref['projectId']}:{ref['datasetId']}.{table}")
        columns = dict(found)
        with open(path, encoding="utf-8") as lines:
            unknown = set(json.loads(lines.readline() or "{}")) - set(columns)
        if unknown:
            raise JobError("invalid", f"Error while reading data, error message: No such field: {unknown.pop()}.")
        names = ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
        types = ", ".join("'" + name.replace("'", "''") + f"': '{kind}'" for name, kind in columns.items())
        try:
            self.cursor.execute(
                f'insert into "{schema}"."{table}" ({names}) select {names} from read_json(?, format = \'newline_delimited\', columns = {{{types}}})',
                [path],
            )
        except Exception as error:
            raise JobError("invalid", f"Error while reading data, error message: {error}") from error

    # -- As the API says it -----------------------------------------------

    def billed(self):
        return max(self.bytes, SMALLEST_BILL) if self.bytes > 0 else 0

    def resource(self):
        statistics = {"creationTime": str(self.created), "startTime": str(self.created)}
        if "query" in self.configuration:
            query = {"totalBytesProcessed": str(self.bytes), "totalBytesBilled": str(self.billed()), "statementType": self.kind}
            if self.affected is not None:
                query["numDmlAffectedRows"] = str(self.affected)
            if self.configuration.get("dryRun"):
                query["schema"] = {"fields": self.schema}
            statistics["query"] = query
            statistics["totalBytesProcessed"] = str(self.bytes)
        status = {"state": "DONE" if self.is_done else "RUNNING"}
        if self.error is not None:
            status["errorResult"] = self.error.proto()
            status["errors"] = [self.error.proto()]
        return {
            "kind": "bigquery#job",
            "id": f"{self.project}:{self.id}",
            "jobReference": {"projectId": self.project, "jobId": self.id, "location": self.location or "US"},
            "configuration": self.configuration,
            "statistics": statistics,
            "status": status,
        }

    def results(self, offset, limit):
        reference = self.resource()["jobReference"]
        if not self.is_done:
            return {"kind": "bigquery#getQueryResultsResponse", "jobReference": reference, "jobComplete": False}
        table = self.result if self.result is not None else pa.table({})
        page = {
            "kind": "bigquery#getQueryResultsResponse",
            "jobReference": reference,
            "jobComplete": True,
            "schema": {"fields": self.schema},
            "rows": arrow_table_to_bq_rows(table, offset=offset, limit=limit),
            "totalRows": str(table.num_rows),
        }
        if self.affected is not None:
            page["numDmlAffectedRows"] = str(self.affected)
        if offset + limit < table.num_rows:
            page["pageToken"] = str(offset + limit)
        return page


class Jobs:
    def __init__(self, context):
        self.context, self.engine = context, context.engine
        self.known = {}  # from the one that nobody used for longest to the one that was used last

    def find(self, job_id):
        job = self.known.pop(job_id, None)
        if job is not None:
            job.used = time.monotonic()
            self.known[job_id] = job
        return job

    def forget_unused(self):
        oldest = time.monotonic() - KEPT_SECONDS
        for job_id in [job.id for job in self.known.values() if job.is_done and job.used < oldest]:
            del self.known[job_id]

    def start(self, job, work):
        self.forget_unused()
        self.known[job.id] = job
        job.task = asyncio.create_task(asyncio.to_thread(job.run, work))

    async def wait(self, job, seconds):
        if not job.is_done:
            await asyncio.wait([job.task], timeout=seconds)

    def size_of(self, cursor, project, dataset, table):
        found = cursor.execute(
            "select estimated_size * column_count * 16 from duckdb_tables() where schema_name = ? and table_name = ?",
            [f"{project}__{dataset}", table],
        ).fetchone()
        return int(found[0]) if found else 0

    def note_json(self, cursor, project, dataset, table):
        """bqemulator's catalog takes JSON columns for text."""
        meta = self.context.catalog.get_table(project, dataset, table)
        found = cursor.execute(
            "select column_name from duckdb_columns() where schema_name = ? and table_name = ? and data_type = 'JSON'",
            [f"{project}__{dataset}", table],
        ).fetchall()
        if meta is None or not found:
            return
        names = {name for (name,) in found}
        fields = tuple(f.model_copy(update={"type": "JSON"}) if f.name in names else f for f in meta.schema_.fields)
        schema = meta.schema_.model_copy(update={"fields": fields})
        self.context.catalog.update_table(meta.model_copy(update={"schema_": schema}))

    def note_alter(self, project, dataset, table, actions):
        """bqemulator's catalog does not notice that a table is renamed, or gets a column."""
        catalog = self.context.catalog
        meta = catalog.get_table(project, dataset, table)
        if meta is None:
            return
        for action in actions:
            if isinstance(action, exp.AlterRename):
                catalog.delete_table(project, dataset, table, not_found_ok=True)
                catalog.create_table(meta.model_copy(update={"table_id": action.this.name}))
            elif isinstance(action, exp.ColumnDef) and action.name not in {f.name for f in meta.schema_.fields}:
                field = type(meta.schema_.fields[0])(name=action.name, type=action.kind.sql(dialect="bigquery"))
                schema = meta.schema_.model_copy(update={"fields": (*meta.schema_.fields, field)})
                meta = meta.model_copy(update={"schema_": schema})
                catalog.update_table(meta)
