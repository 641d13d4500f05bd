"""What fakesnow, sqlglot and DuckDB do otherwise than Snowflake, and what is done about it here.

Every entry says why it is there. Statements of the product are never written for the emulator: what it reads differently is
rewritten in this folder, and only here. Names that start with `_sf_` are macros of the list at the end.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from sqlglot import Expr, exp

Rewrite = Callable[[Expr], Expr | None]
"""Gives the replacement of a node, or None where the node is left alone."""


class Deviation(NamedTuple):
    """Nodes of the statement, as sqlglot reads Snowflake's SQL, that are rewritten before fakesnow sees them."""

    node: type[Expr]
    rewrite: Rewrite
    reason: str


class Macro(NamedTuple):
    """A function of DuckDB's that every session gets."""

    signature: str
    body: str


def call(name: str, *args: Expr) -> Expr:
    return exp.Anonymous(this=name, expressions=list(args))


def one(macro: str) -> Rewrite:
    return lambda node: call(macro, node.this)


def two(macro: str) -> Rewrite:
    return lambda node: call(macro, node.this, node.expression)


def named(functions: dict[str, str]) -> Rewrite:
    """Functions that sqlglot does not know, by their name."""

    def rewrite(node: Expr) -> Expr | None:
        macro = functions.get(node.name.upper())
        return None if macro is None else call(macro, *node.expressions)

    return rewrite


def trim(node: Expr) -> Expr | None:
    if (characters := node.args.get("expression")) is None:
        return None
    side = str(node.args.get("position") or "").upper()
    return call({"LEADING": "ltrim", "TRAILING": "rtrim"}.get(side, "trim"), node.this, characters)


DATE_FORMATS = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "HH24": "%H", "MI": "%M", "SS": "%S", "FF3": "%g", "%f_three": "%g"}


def formatted(node: Expr) -> Expr | None:
    """TO_VARCHAR: of anything, of a number in scientific notation, of a time, of a date or timestamp."""
    pattern = node.args.get("format")
    if pattern is None:
        return call("_sf_text", node.this)
    if pattern.this == "S0.00000000000000EEEEE":
        return call("_sf_scientific", node.this)
    if "YYYY" not in pattern.this and "%Y" not in pattern.this:
        return call("_sf_time_text", node.this)
    native = re.sub("|".join(DATE_FORMATS), lambda found: DATE_FORMATS[found[0]], pattern.this)
    return call("strftime", node.this, exp.Literal.string(native.replace('"', "")))


def hexadecimal(node: Expr) -> Expr | None:
    pattern = node.args.get("format")
    return call("_sf_hexadecimal", node.this) if pattern is not None and set(pattern.name) == {"X"} else None


def signed_hash(node: Expr) -> Expr | None:
    return call("_sf_signed", call("hash", *node.expressions)) if node.name == "hash" else None


def regexp_substr(node: Expr) -> Expr:
    group = node.args.get("group") or exp.Literal.number(0)
    return call("_sf_regexp_substr", node.this, node.expression, group)


def plainly(function: str, *arguments: str) -> Rewrite:
    return lambda node: call(function, *(node.args[name] for name in arguments if node.args.get(name) is not None))


def add_milliseconds(node: Expr) -> Expr | None:
    return call("_sf_add_ms", node.this, node.expression) if node.text("unit").upper() == "MILLISECOND" else None


def rename(node: Expr) -> Expr | None:
    node.this.set("db", None)
    node.this.set("catalog", None)
    return None


def wide_integer(node: Expr) -> Expr | None:
    kind = node.to
    if kind.this == exp.DataType.Type.DECIMAL and [part.name for part in kind.expressions] == ["38", "0"]:
        node.set("to", exp.DataType.build("HUGEINT", dialect="duckdb"))
    return None


def variable(name: str) -> Rewrite:
    return lambda _: call("getvariable", exp.Literal.string(name))


DEVIATIONS = (
    Deviation(exp.ToChar, formatted, "TO_VARCHAR ignores its format when the type of the value is not known, and keeps the quotes of a VARIANT string"),
    Deviation(exp.TimeToStr, formatted, "TO_VARCHAR prints the quotes around literal text in a format, and takes no TIME"),
    Deviation(exp.ToNumber, hexadecimal, "fakesnow's TO_NUMBER takes no format"),
    Deviation(exp.Cast, wide_integer, "a cast to NUMBER(38, 0) is one to 64 bits in fakesnow"),
    Deviation(exp.RegexpExtract, regexp_substr, "fakesnow counts the occurrence twice where REGEXP_SUBSTR is nested; here it is always the first"),
    Deviation(exp.Left, plainly("left", "this", "expression"), "sqlglot guards LEFT, SUBSTR and LENGTH against arguments that are not there, and repeats their arguments"),
    Deviation(exp.Substring, plainly("substr", "this", "start", "length"), "likewise"),
    Deviation(exp.Length, plainly("length", "this"), "likewise"),
    Deviation(exp.DateAdd, add_milliseconds, "DuckDB's milliseconds are 32 bits wide"),
    Deviation(exp.AlterRename, rename, "DuckDB takes the new name of a table without its schema, which stays"),
    Deviation(exp.Trim, trim, "fakesnow drops the characters that TRIM, LTRIM and RTRIM are to remove"),
    Deviation(exp.Collate, lambda node: node.this, "DuckDB has no collation utf8, which is Snowflake's word for none"),
    Deviation(exp.CurrentTimestamp, variable("now"), "DuckDB's clock stands still in a transaction; Snowflake's is that of the statement"),
    Deviation(exp.CurrentDatabase, variable("current_database"), "DuckDB always has a current database; Snowflake has none where the login's does not exist"),
    Deviation(exp.CurrentSchema, variable("current_schema"), "likewise the schema"),
    Deviation(exp.CurrentWarehouse, variable("current_warehouse"), "fakesnow has no warehouses"),
    Deviation(exp.CurrentRole, variable("current_role"), "fakesnow has no roles"),
    Deviation(exp.Array, lambda node: call("json_array", *node.expressions), "ARRAY_CONSTRUCT is a DuckDB list, whose elements have one type, and not fakesnow's JSON"),
    Deviation(exp.ArrayConstructCompact, lambda node: call("_sf_compact_list", exp.Array(expressions=node.expressions)), "the result is cast to JSON where a list is expected"),
    Deviation(exp.ArrayToString, two("_sf_join"), "ARRAY_TO_STRING takes DuckDB lists; fakesnow's arrays are JSON"),
    Deviation(exp.ArrayCompact, one("_sf_compact"), "ARRAY_COMPACT takes DuckDB lists"),
    Deviation(exp.ArrayDistinct, one("_sf_distinct"), "ARRAY_DISTINCT takes DuckDB lists"),
    Deviation(exp.ArrayExcept, two("_sf_except"), "ARRAY_EXCEPT takes DuckDB lists; here it removes all equal elements, not one per element"),
    Deviation(exp.GetExtract, two("_sf_get"), "GET reads a field's name as a path"),
    Deviation(exp.Typeof, one("_sf_typeof"), "TYPEOF says DuckDB's type, not that of the value in a VARIANT"),
    Deviation(exp.Stuff, lambda node: call("_sf_insert", node.this, node.args["start"], node.expression), "INSERT is written out, with its arguments twice; here it never replaces characters"),
    Deviation(exp.Anonymous, named({"AS_VARCHAR": "_sf_as_varchar", "AS_ARRAY": "_sf_as_array"}), "sqlglot does not know AS_VARCHAR and AS_ARRAY"),
    Deviation(exp.Anonymous, signed_hash, "HASH is unsigned in DuckDB, and its larger half does not fit NUMBER(19, 0)"),
)

BEHAVIOURS = (
    "Placeholders are numbered before parsing, because fakesnow moves and repeats them (engine.py: numbered).",
    "ALTER SESSION SET is accepted and has no effect, but for SEARCH_PATH: text formats are the ones that the driver asks for (engine.py: execute).",
    "Lengths of VARCHAR are not recorded: fakesnow does so with names that it does not quote (engine.py: Cursor.run).",
    "What DDL answers is `Done.`, for the same reason (engine.py).",
    "MERGE goes to DuckDB as it is: fakesnow makes several statements of one. Repeated source keys are no error (engine.py).",
    "A statement that meets a concurrent change is repeated until it gets through, as Snowflake waits for a lock; inside of a "
    "transaction it fails with Snowflake's code for a lock that was not released (engine.py: execute).",
    "A statement that fails inside of a transaction fails the transaction: DuckDB takes nothing but ROLLBACK then.",
    "Which columns are ARRAY is remembered here, since all semi-structured columns are JSON in DuckDB (arrays.py).",
    "Array binds are one INSERT from a registered table; fakesnow's server runs one statement per row (engine.py: insert_rows).",
    "The nanoseconds of timestamps are cut to microseconds, TIMESTAMP_TZ keeps no offset, and dates are proleptic: all DuckDB's.",
    "Table names differ by more than case: DuckDB's are not case-sensitive, quoted ones neither.",
)

MACROS = (
    Macro("_sf_text(x)", "case when typeof(x) = 'JSON' then json_extract_string(try_cast(x as json), '$') else cast(x as varchar) end"),
    Macro("_sf_scientific(x)", r"regexp_replace(upper(printf('%+.14e', cast(x as double))), 'E([+-])([0-9]{2})$', 'E\10\2')"),
    Macro("_sf_time_text(x)", "strftime(date '2000-01-01' + x, '%H:%M:%S.%f') || '000'"),
    Macro("_sf_insert(x, p, y)", "left(x, cast(p as bigint) - 1) || y || substr(x, cast(p as bigint))"),
    Macro("_sf_regexp_substr(x, p, g)", "regexp_extract_all(x, p, g)[1]"),
    Macro("_sf_add_ms(x, n)", "x + to_microseconds(cast(n as bigint) * 1000)"),
    Macro("_sf_hexadecimal(x)", "cast('0x' || x as hugeint)"),
    Macro("_sf_signed(x)", "cast(x % 9223372036854775807 as bigint)"),
    Macro("_sf_compact_list(x)", "to_json(list_filter(x, lambda e: e is not null))"),
    Macro("_sf_join(x, y)", "array_to_string(list_transform(cast(json_extract_string(x, '$[*]') as varchar[]), lambda e: coalesce(e, '')), y)"),
    Macro("_sf_compact(x)", "to_json(list_filter(json_extract(x, '$[*]'), lambda e: json_type(e) <> 'NULL'))"),
    Macro("_sf_distinct(x)", "to_json(list_distinct(cast(json_extract_string(x, '$[*]') as varchar[])))"),
    Macro("_sf_except(x, y)", "to_json(list_filter(cast(json_extract_string(x, '$[*]') as varchar[]), lambda e: not list_contains(cast(json_extract_string(y, '$[*]') as varchar[]), e)))"),
    Macro("_sf_get(x, y)", "json_extract(x, '/' || replace(replace(cast(y as varchar), '~', '~0'), '/', '~1'))"),
    Macro("_sf_typeof(x)", "case json_type(x) when 'NULL' then 'NULL_VALUE' when 'BIGINT' then 'INTEGER' when 'UBIGINT' then 'INTEGER' else json_type(x) end"),
    Macro("_sf_as_varchar(x)", "case when json_type(x) = 'VARCHAR' then json_extract_string(x, '$') end"),
    Macro("_sf_as_array(x)", "case when json_type(x) = 'ARRAY' then x end"),
)


def rewritten(statement: Expr) -> Expr:
    """The statement with every deviation applied, from the innermost node out."""

    def visit(node: Expr) -> Expr:
        for deviation in DEVIATIONS:
            if isinstance(node, deviation.node) and (replacement := deviation.rewrite(node)) is not None:
                return replacement
        return node

    for node in list(statement.walk(bfs=False))[::-1]:
        replacement = visit(node)
        if replacement is not node:
            if node is statement:
                statement = replacement
            else:
                node.replace(replacement)
    return statement
