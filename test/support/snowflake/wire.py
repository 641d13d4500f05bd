"""Values as Snowflake's JSON rowsets carry them: all text."""

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timezone
from decimal import Decimal
from typing import Any

import pyarrow
import pyarrow.types as kinds

EPOCH = datetime(1970, 1, 1)


def row_type(column: pyarrow.Field) -> dict[str, Any]:
    """A column of a result as the answer describes it."""
    name, precision, scale, length = type_of(column.type)
    return {
        "name": column.name, "type": name, "precision": precision, "scale": scale, "length": length,
        "byteLength": length, "nullable": True, "database": "", "schema": "", "table": "", "collation": None,
    }  # fmt: skip


def type_of(kind: pyarrow.DataType) -> tuple[str, int | None, int | None, int | None]:
    if kinds.is_decimal(kind):
        return "fixed", kind.precision, kind.scale, None
    if kinds.is_integer(kind):
        return "fixed", 38, 0, None
    if kinds.is_floating(kind):
        return "real", None, None, None
    if kinds.is_boolean(kind):
        return "boolean", None, None, None
    if kinds.is_date(kind):
        return "date", None, None, None
    if kinds.is_time(kind):
        return "time", 0, 9, None
    if kinds.is_timestamp(kind):
        return "timestamp_ntz" if kind.tz is None else "timestamp_ltz", 0, 9, None
    if kinds.is_binary(kind) or kinds.is_large_binary(kind):
        return "binary", None, None, 8388608
    return "text", None, None, 16777216


def cell(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "1" if value else "0"
        case float():
            return {"nan": "NaN", "inf": "inf", "-inf": "-inf"}.get(repr(value), repr(value))
        case Decimal():
            return f"{value:f}"
        case datetime():
            plain = value if value.tzinfo is None else value.astimezone(timezone.utc).replace(tzinfo=None)
            since = plain - EPOCH
            micros = (since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds
            sign = "-" if micros < 0 else ""
            return f"{sign}{abs(micros) // 1_000_000}.{abs(micros) % 1_000_000:06d}000"
        case date():
            return str((value - EPOCH.date()).days)
        case time():
            return f"{value.hour * 3600 + value.minute * 60 + value.second}.{value.microsecond:06d}000"
        case bytes():
            return value.hex().upper()
        case _:
            return str(value)


def rowset(rows: pyarrow.Table) -> list[list[str | None]]:
    columns = [[cell(value) for value in column.to_pylist()] for column in rows.columns]
    return [list(row) for row in zip(*columns, strict=True)] if columns else []


def chunk(rows: pyarrow.Table) -> bytes:
    """Rows of a chunk: the lists without the brackets around them."""
    return json.dumps(rowset(rows), ensure_ascii=False, separators=(",", ":"))[1:-1].encode()


def slices(rows: pyarrow.Table, size: int) -> Iterator[pyarrow.Table]:
    for start in range(0, rows.num_rows, size):
        yield rows.slice(start, size)


def bound(bind: dict[str, Any], value: str | None) -> Any:
    """A bind's value as DuckDB takes it."""
    if value is None:
        return None
    match bind["type"]:
        case "FIXED":
            return int(value)
        case "REAL":
            return float(value)
        case "BOOLEAN":
            return value.lower() in ("true", "1")
        case _:
            return value
