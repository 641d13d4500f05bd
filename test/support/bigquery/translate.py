"""GoogleSQL to DuckDB, in one pass over sqlglot's tree. deviations.md says why bqemulator's own translation is not used."""

import sqlglot
from sqlglot import exp
from sqlglot.dialects.bigquery import BigQuery

FUNCTIONS = BigQuery.Parser.FUNCTIONS
SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86400}
SQL_TYPES = {"INT64": "BIGINT", "FLOAT64": "DOUBLE", "BOOL": "BOOLEAN", "STRING": "VARCHAR"}


def call(name, *args):
    return exp.Anonymous(this="bq_" + name.lower(), expressions=list(args))


def by_name(name):
    FUNCTIONS[name] = lambda args: call(name, *args)


for known in (
    "TIMESTAMP TIMESTAMP_MILLIS REGEXP_CONTAINS REGEXP_REPLACE RPAD SPLIT ARRAY_TO_STRING TO_JSON_STRING PARSE_JSON "
    "JSON_VALUE_ARRAY JSON_QUERY JSON_QUERY_ARRAY FARM_FINGERPRINT SHA256 TO_HEX IS_NAN IS_INF"
).split():
    by_name(known)
FUNCTIONS["DATETIME"] = lambda args: call("DATETIME", *args)


def seconds(interval):
    return exp.Mul(this=exp.Paren(this=interval.this), expression=exp.Literal.number(SECONDS[interval.unit.name.upper()]))


FUNCTIONS["TIMESTAMP_ADD"] = lambda args: call("TIMESTAMP_ADD", args[0], seconds(args[1]))
FUNCTIONS["DATETIME_SUB"] = lambda args: call("DATETIME_SUB", args[0], seconds(args[1]))
FUNCTIONS["DATETIME_DIFF"] = lambda args: call("DATETIME_DIFF", args[0], args[1])


def strftime_format(text):
    return text.replace("%E4Y", "%Y").replace("%E3S", "%S.%g")


def format_call(args):
    return call("TEXT", args[1]) if args[0].this == "%t" else call("PRINTF", *args)


def format_datetime(args):
    return call("FORMAT_DATETIME", exp.Literal.string(strftime_format(args[0].this)), args[1])


FUNCTIONS["FORMAT"] = format_call
FUNCTIONS["FORMAT_DATETIME"] = format_datetime
FUNCTIONS["FORMAT_TIME"] = lambda args: call("FORMAT_TIME", *args)


def has_group(pattern):
    plain = pattern.replace("\\(", "")
    return any(c == "(" and plain[i + 1 : i + 2] != "?" for i, c in enumerate(plain))


def regexp_extract(args):
    group = exp.Literal.number(1 if has_group(args[1].this) else 0)
    return call("REGEXP_EXTRACT", args[0], args[1], group)


def json_value(args):
    """A field becomes a JSON pointer, the only address in DuckDB that any name fits in."""
    field = args[0]
    if len(args) == 2:
        return call("JSON_VALUE", field, args[1])
    if not isinstance(field, exp.Bracket):
        return call("JSON_VALUE", field, exp.Literal.string(""))
    name = field.expressions[0].this
    return call("JSON_VALUE", field.this, exp.Literal.string("/" + name.replace("~", "~0").replace("/", "~1")))


FUNCTIONS["REGEXP_EXTRACT"] = regexp_extract
FUNCTIONS["JSON_VALUE"] = json_value


def decimal_type(node, operand):
    if node.expressions:
        return node
    is_big = node.this == exp.DataType.Type.BIGDECIMAL
    whole = is_big and isinstance(operand, exp.Literal) and "." not in operand.this
    scale = 0 if whole else 18 if is_big else 9
    return exp.DataType.build(f"DECIMAL(38, {scale})", dialect="duckdb")


def qualify(statement, project, dataset):
    """Names without a project are in the job's; bare names in its default dataset, if it has one."""
    ctes = {cte.alias for cte in statement.find_all(exp.CTE)}
    for table in statement.find_all(exp.Table):
        if table.db:
            if not table.catalog:
                table.set("catalog", exp.to_identifier(project, quoted=True))
        elif dataset and table.name and table.name not in ctes and isinstance(table.this, exp.Identifier):
            table.set("db", exp.to_identifier(dataset["datasetId"], quoted=True))
            table.set("catalog", exp.to_identifier(dataset["projectId"], quoted=True))


def rewrite(node, parameters):
    if isinstance(node, exp.Table) and node.db:
        project, dataset = node.catalog, node.db
        if not node.name:  # a dataset
            return exp.Table(this=exp.to_identifier(f"{project}__{dataset}", quoted=True))
        table = exp.to_identifier(node.name, quoted=True)
        if project:
            db = exp.to_identifier(f"{project}__{dataset}", quoted=True)
            return exp.Table(this=table, db=db, alias=node.args.get("alias"))
    if isinstance(node, exp.SafeFunc) or (isinstance(node, exp.Dot) and node.this.name.lower() == "safe"):
        return node.this if isinstance(node, exp.SafeFunc) else node.expression
    if isinstance(node, exp.Cast):
        to = node.to.this
        kind = exp.DataType.Type
        if to in (kind.DECIMAL, kind.BIGDECIMAL):
            node.set("to", decimal_type(node.to, node.this))
        elif to in (kind.TEXT, kind.VARCHAR) and not isinstance(node.this, (exp.Null, exp.Literal, exp.Parameter)):
            return call("TEXT", node.this)
    if isinstance(node, exp.Parameter):
        return exp.cast(exp.Placeholder(this=node.name), SQL_TYPES[parameters[node.name]], dialect="duckdb")
    if isinstance(node, exp.ByteString):
        return exp.cast(exp.Literal.string(node.this), "BLOB", dialect="duckdb")
    if isinstance(node, exp.Literal) and not node.is_string and any(c in node.this for c in ".eE"):
        return exp.cast(exp.Literal.string(node.this), "DOUBLE", dialect="duckdb")
    if isinstance(node, exp.ColumnDef) and node.kind and node.kind.this in (exp.DataType.Type.DECIMAL, exp.DataType.Type.BIGDECIMAL):
        node.set("kind", decimal_type(node.kind, None))
    return node


def parse(sql):
    return [statement for statement in sqlglot.parse(sql, read="bigquery") if statement is not None]


def tables_of(statement):
    """(project, dataset, table) of every table that the statement names."""
    return {(t.catalog, t.db, t.name) for t in statement.find_all(exp.Table) if t.catalog and t.db}


def dataset_of(statement):
    """(project, dataset) that a CREATE SCHEMA makes."""
    if not isinstance(statement, exp.Create) or statement.kind != "SCHEMA":
        return None
    return statement.this.catalog, statement.this.db


def to_duckdb(statement, parameters):
    """`parameters`: name to BigQuery type."""
    if isinstance(statement, exp.Create):
        statement.set("properties", None)
    for node in reversed(list(statement.walk())):  # children before their parents
        replacement = rewrite(node, parameters)
        if replacement is not node:
            node.replace(replacement)
    return statement.sql(dialect="duckdb")
