import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
} from '@duckdb/node-api'
import type { TableRef } from '../dialect.ts'
import type { Value } from '../sql.ts'
import { microsOf } from './values.ts'

/** Rows between two turns of the event loop. */
const rowsPerTurn = 2000

/** Appends rows by the bulk path. The appender takes all columns of the table in its order, so the others are NULL. */
export async function appendRows(
  connection: DuckDBConnection,
  table: TableRef,
  columns: readonly string[],
  rows: readonly (readonly Value[])[],
): Promise<void> {
  const order = await columnOrder(connection, table)
  const sources = order.map((name) => columns.findIndex((column) => sameName(column, name)))
  const appender = await connection.createAppender(
    table.name,
    table.schema,
    table.database ?? undefined,
  )
  try {
    const types = sources.map((_, index) => appender.columnType(index))
    for (const [index, row] of rows.entries()) {
      for (const [position, source] of sources.entries()) {
        appendValue(appender, source < 0 ? null : (row[source] ?? null), types[position])
      }
      appender.endRow()
      if (index % rowsPerTurn === rowsPerTurn - 1) await nextTurn()
    }
    appender.flushSync()
  } catch (error) {
    appender.clear()
    throw error
  } finally {
    appender.closeSync()
  }
}

const sameName = (left: string, right: string) => left.toLowerCase() === right.toLowerCase()

async function columnOrder(connection: DuckDBConnection, table: TableRef): Promise<string[]> {
  const reader = await connection.runAndReadAll(
    `select column_name from duckdb_columns()
where database_name = coalesce($1, current_database()) and schema_name = $2 and table_name = $3 order by column_index`,
    [table.database ?? null, table.schema, table.name],
  )
  return reader.getRows().map((row) => String(row[0]))
}

/** Types that our tables have; for any other the engine casts the text. */
function appendValue(appender: DuckDBAppender, value: Value, type: DuckDBType | undefined): void {
  const kind = value === null ? undefined : type?.typeId
  if (value === null) appender.appendNull()
  else if (kind === DuckDBTypeId.BIGINT) appender.appendBigInt(BigInt(value))
  else if (kind === DuckDBTypeId.UBIGINT) appender.appendUBigInt(BigInt(value))
  else if (kind === DuckDBTypeId.BOOLEAN && typeof value === 'boolean') {
    appender.appendBoolean(value)
  } else if (kind === DuckDBTypeId.TIMESTAMP_TZ) {
    appender.appendTimestampTZ(new DuckDBTimestampTZValue(microsOf(String(value))))
  } else if (kind === DuckDBTypeId.TIMESTAMP) {
    appender.appendTimestamp(new DuckDBTimestampValue(microsOf(String(value))))
  } else appender.appendVarchar(String(value))
}
