"""Snowflake's SQL, run by fakesnow as a library: sessions, statements, errors."""

import re
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone
from string import Template
from typing import Any

import duckdb
import fakesnow.cursor
import pyarrow
import snowflake.connector.errors
import sqlglot
from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.dialect import parse_one
from fakesnow.instance import FakeSnow
from fakesnow.rowtype import describe_as_rowtype
from sqlglot import Expr, exp
from sqlglot.tokens import TokenType

from arrays import array_columns
from deviations import MACROS, rewritten
from wire import row_type

LOCK_TIMEOUT_SECONDS = 20
LONG_VALUES = 50
"""Rows of constants that need none of fakesnow's rewriting, which takes a second for a thousand."""
PREPARED = 500
SELECT_TYPE, DDL_TYPE = 0x1000, 0x6000
DML = {
    exp.Insert: ("inserted", 0x3100),
    exp.Update: ("updated", 0x3200),
    exp.Delete: ("deleted", 0x3300),
    exp.Merge: ("inserted or updated", 0x3400),
}
"""What the result counts, and the type of statement that tells the client to add it up."""


@dataclass
class SqlError(Exception):
    """What Snowflake answers to a statement that it does not run."""

    code: str
    sql_state: str
    message: str


@dataclass
class Result:
    columns: list[dict[str, Any]]
    rows: pyarrow.Table
    statement_type: int = SELECT_TYPE
    query_id: str = field(default_factory=lambda: str(uuid.uuid4()))


for message in ("CREATED_TABLE", "CREATED_VIEW", "CREATED_SCHEMA", "DROPPED"):
    # fakesnow writes the object's name into a literal without minding quotes.
    setattr(fakesnow.cursor, f"SQL_{message}", Template("SELECT 'Done.' as status"))


class Cursor(FakeSnowflakeCursor):
    """fakesnow's cursor with the deviations applied to each statement before its own rewriting."""

    def _transform_explode(self, expression: Expr) -> list[Expr]:
        return [expression] if isinstance(expression, exp.Merge) else super()._transform_explode(expression)

    def prepare(self, statement: Expr) -> list[Expr]:
        """What DuckDB is to run, one statement after the other."""
        self.check_db_and_schema(statement)
        rows = statement.expression if isinstance(statement, exp.Insert) else None
        is_long = isinstance(rows, exp.Values) and len(rows.expressions) > LONG_VALUES
        if is_long:
            statement.set("expression", exp.select("1"))
        parts = [self._transform(part, None) for part in self._transform_explode(rewritten(statement))]
        for part in parts:
            part.set("text_lengths", None)
        if is_long:
            parts[0].set("expression", rewritten(rows))
        return parts

    def run(self, parts: list[Expr], binds: list[Any]) -> None:
        for part in parts:
            self._execute(part, binds if part.find(exp.Parameter) else None)


@dataclass
class Statement:
    """A statement as it was written, and as DuckDB runs it."""

    original: Expr
    parts: list[Expr]


def numbered(sql: str) -> str:
    """Question marks that are parameters as `:1`, `:2`, …: fakesnow moves and repeats them."""
    parts, end, count = [], 0, 0
    for token in sqlglot.tokenize(sql, read="snowflake"):
        if token.token_type == TokenType.PLACEHOLDER:
            count += 1
            parts += [sql[end : token.start], f":{count}"]
            end = token.end + 1
    return "".join([*parts, sql[end:]])


def parse(sql: str) -> Expr:
    with translated():
        statement = parse_one(numbered(sql))
    for node in list(statement.find_all(exp.Placeholder)):
        node.replace(exp.Parameter(this=exp.Literal.number(int(node.name))))
    return statement


class Session:
    """One session: a connection of DuckDB's with its own temporary tables, transaction and current schema."""

    def __init__(self, engine: "Engine", place: dict[str, str | None]) -> None:
        self.engine = engine
        self.database, self.warehouse, self.role = place["database"], place["warehouse"], place["role"]
        self.lock = threading.Lock()
        self.in_transaction = False
        self.connection = engine.fakesnow.connect(place["database"], place["schema"])
        self.duck = self.connection._duck_conn
        for macro in MACROS:
            self.duck.execute(f"create or replace temp macro {macro.signature} as {macro.body}")
        self.show_place()

    def show_place(self) -> None:
        """Makes the session's place known to CURRENT_DATABASE() and the like."""
        place = {"database": self.connection.database, "schema": self.connection.schema, "warehouse": self.warehouse, "role": self.role}
        for name, value in place.items():
            self.duck.execute(f"set variable current_{name} = ?", [value])

    def close(self) -> None:
        self.duck.interrupt()
        with self.lock:
            self.connection.close()

    def interrupt(self) -> None:
        self.duck.interrupt()

    def describe(self, sql: str) -> Result:
        """Columns of a query, without running it."""
        statement = parse(sql)
        table = statement.find(exp.Table)
        cursor = Cursor(self.connection, self.duck)
        with self.lock, translated():
            cursor.run(cursor.prepare(parse_one(f"describe {sql}")), [])
            columns = describe_as_rowtype(cursor.fetchall())
        arrays = self.engine.arrays.get(table.name.upper(), set()) if table else set()
        for column in columns:
            if column["name"].upper() in arrays:
                column["type"] = "array"
        return Result(columns, pyarrow.table({}))

    def execute(self, sql: str, binds: list[Any]) -> Result:
        """Runs one statement. One that meets a concurrent change waits for it, as for a lock."""
        if sql.lower().startswith("alter session set "):
            self.search(sql)
            return Result([], pyarrow.table({}), DDL_TYPE)
        if sql.lower().startswith("use warehouse "):
            raise SqlError("002043", "02000", "SQL compilation error:\nObject does not exist, or operation cannot be performed.")
        deadline = time.monotonic() + LOCK_TIMEOUT_SECONDS
        with self.lock:
            while True:
                try:
                    with translated():
                        prepared = self.prepared(sql)
                        if not isinstance(prepared.original, exp.Rollback):
                            self.duck.execute("set variable now = ?", [datetime.now(timezone.utc)])
                        return self.run(prepared, binds)
                except duckdb.TransactionException as conflict:
                    if self.in_transaction:
                        raise locked() from conflict
                    if time.monotonic() > deadline:
                        raise locked() from conflict
                    time.sleep(0.01)

    def search(self, sql: str) -> None:
        """The one parameter of a session that has an effect: SEARCH_PATH, which begins with the current schema."""
        if found := re.search(r"search_path = '\$current, (\w+)'", sql):
            schemas = [self.connection.schema, found[1]]
            known = self.duck.execute("select schema_name from information_schema.schemata where catalog_name = ?", [self.connection.database]).fetchall()
            path = [f"{self.connection.database}.{name}" for name in schemas if (name,) in known]
            self.duck.execute(f"set search_path = '{','.join(path)}'")

    def insert_rows(self, sql: str, columns: list[list[Any]]) -> Result:
        """An INSERT with array binds: all rows at once."""
        statement = parse(sql)
        if not isinstance(statement, exp.Insert):
            raise SqlError("002042", "0A000", "Array bind currently not supported for query type.")
        names = [f"C{index}" for index in range(len(columns))]
        with self.lock, translated():
            self.duck.register("_sf_binds", pyarrow.table({name: pyarrow.array(values, pyarrow.string()) for name, values in zip(names, columns, strict=True)}))
            try:
                statement.set("expression", exp.select(*names).from_("_sf_binds"))
                parts = Cursor(self.connection, self.duck).prepare(statement.copy())
                return self.run(Statement(statement, parts), [])
            finally:
                self.duck.unregister("_sf_binds")

    def prepared(self, sql: str) -> Statement:
        """Reading a statement takes much longer than running it, and most are run more than once."""
        key = (sql, self.connection.database, self.connection.schema)
        if (known := self.engine.prepared.get(key)) is not None:
            return known
        statement = parse(sql)
        prepared = Statement(statement, Cursor(self.connection, self.duck).prepare(statement.copy()))
        if isinstance(statement, (exp.Query, *DML)):
            self.engine.prepared[key] = prepared
            for oldest in list(self.engine.prepared)[:-PREPARED]:
                self.engine.prepared.pop(oldest, None)
        return prepared

    def run(self, prepared: Statement, binds: list[Any]) -> Result:
        statement = prepared.original
        made = array_columns(statement)
        kind = next((kind for kind in DML if isinstance(statement, kind)), None)
        cursor = Cursor(self.connection, self.duck)
        cursor.run(prepared.parts, binds)
        rows = cursor._arrow_table
        self.note(statement)
        if isinstance(statement, exp.Use):
            self.show_place()
        if made is not None:
            self.engine.arrays[made[0]] = made[1]
        if kind is not None:
            count = rows.columns[0][0].as_py()
            name = f"number of rows {DML[kind][0]}"
            return Result([row_type(pyarrow.field(name, pyarrow.int64()))], pyarrow.table({name: [count]}), DML[kind][1])
        is_query = isinstance(statement, exp.Query)
        return Result([row_type(column) for column in rows.schema], rows, SELECT_TYPE if is_query else DDL_TYPE)

    def note(self, statement: Expr) -> None:
        if isinstance(statement, exp.Transaction):
            self.in_transaction = True
        elif isinstance(statement, (exp.Commit, exp.Rollback)):
            self.in_transaction = False


class Engine:
    """The account: databases that all sessions share."""

    def __init__(self) -> None:
        self.fakesnow = FakeSnow()
        self.arrays: dict[str, set[str]] = {}
        self.prepared: dict[tuple[str, str | None, str | None], Statement] = {}

    def connect(self, place: dict[str, str | None]) -> Session:
        """What is called NO_SUCH_… is not there: as in Snowflake, the session begins without it."""
        return Session(self, {kind: None if str(name).startswith("NO_SUCH") else name for kind, name in place.items()})


def locked() -> SqlError:
    return SqlError("000625", "57014", "Statement has locked table in transaction and this lock has not yet been released.")


class translated:
    """fakesnow's and DuckDB's errors as Snowflake's."""

    def __enter__(self) -> None: ...

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, duckdb.InterruptException):
            raise SqlError("000604", "57014", "SQL execution canceled") from error
        if isinstance(error, snowflake.connector.errors.Error):
            raise SqlError(*code_of(error)) from error
        if isinstance(error, duckdb.Error) and not isinstance(error, duckdb.TransactionException):
            raise SqlError("100038", "22018", f"Numeric value is not recognized: {error}") from error


def code_of(error: snowflake.connector.errors.Error) -> tuple[str, str, str]:
    message = re.sub(r"^\d+ \(\w+\): ", "", str(error.msg))
    if missing := re.search(r"(Table|Schema|Catalog|View) with name (\S+) does not exist", message):
        kind = {"Table": "Object", "Catalog": "Database"}.get(missing[1], missing[1])
        return "002003", "42S02", f"SQL compilation error:\n{kind} '{missing[2]}' does not exist or not authorized."
    if unknown := re.search(r'(?:Referenced column|column named?) "?([^"]+)"? (?:not found|was not found|does not exist)', message):
        return "000904", "42000", f"SQL compilation error: error line 1 at position 0\ninvalid identifier '{unknown[1]}'"
    return f"{error.errno:06d}", error.sqlstate or "n/a", message
