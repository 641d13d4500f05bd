"""Which columns are ARRAY: DuckDB knows them as JSON only."""

from sqlglot import Expr, exp

ARRAY_FUNCTIONS = (exp.Array, exp.ArrayConstructCompact, exp.ArrayCompact, exp.ArrayDistinct, exp.Split)


def is_array(value: Expr) -> bool:
    if isinstance(value, (exp.Cast, exp.TryCast)):
        return value.to.this == exp.DataType.Type.ARRAY
    return isinstance(value, ARRAY_FUNCTIONS)


def array_columns(statement: Expr) -> tuple[str, set[str]] | None:
    """Name of the table that a statement makes, without its schema, and its columns of type ARRAY."""
    if not isinstance(statement, exp.Create) or statement.kind != "TABLE":
        return None
    table = statement.find(exp.Table)
    declared = {
        column.name.upper()
        for column in statement.find_all(exp.ColumnDef)
        if isinstance(column.kind, exp.DataType) and column.kind.this == exp.DataType.Type.ARRAY
    }
    query = statement.expression
    selected = {
        value.alias_or_name.upper() for value in query.selects if is_array(value.unalias())
    } if isinstance(query, exp.Select) else set()
    return (table.name.upper(), declared | selected) if table else None
