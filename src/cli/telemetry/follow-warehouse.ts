import { SpanKind, type Tracer } from '@opentelemetry/api'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import { failed, within } from './spans.ts'
import { type StatementFacts, statementFacts, systemOf } from './statement.ts'

/** A session whose statements are spans. @param tracer tells the engine, the verb, the table of ours and the number of rows */
export function followWarehouse(inner: Warehouse, tracer: Tracer): Warehouse {
  const system = systemOf(inner.dialect.name)
  const start = ({ operation, table }: StatementFacts, size?: number) =>
    tracer.startSpan(table === undefined ? operation : `${operation} ${table}`, {
      kind: SpanKind.CLIENT,
      attributes: {
        'db.system.name': system,
        'db.operation.name': operation,
        ...(table === undefined ? {} : { 'db.collection.name': table }),
        ...(size === undefined ? {} : { 'db.operation.batch.size': size }),
      },
    })
  const follow = <T>(
    facts: StatementFacts,
    work: () => Promise<T>,
    rowsOf: (result: T) => number | undefined = () => undefined,
    size?: number,
  ): Promise<T> => {
    const span = start(facts, size)
    return within(span, async () => {
      const result = await work()
      const rows = rowsOf(result)
      if (rows !== undefined) span.setAttribute('db.response.returned_rows', rows)
      return result
    })
  }
  const { stateFile, ownSchemaHint, estimate } = inner
  return {
    dialect: inner.dialect,
    stateDatabase: inner.stateDatabase,
    description: inner.description,
    ...(stateFile === undefined ? {} : { stateFile }),
    ...(ownSchemaHint === undefined ? {} : { ownSchemaHint: ownSchemaHint.bind(inner) }),
    ...(estimate === undefined ? {} : { estimate: estimate.bind(inner) }),
    query: (statement) =>
      follow(
        statementFacts(statement.text),
        () => inner.query(statement),
        (rows) => rows.length,
      ),
    async *stream(statement) {
      const span = start(statementFacts(statement.text))
      let rows = 0
      try {
        for await (const some of inner.stream(statement)) {
          rows += some.length
          yield some
        }
      } catch (error) {
        failed(span, error)
        throw error
      } finally {
        span.setAttribute('db.response.returned_rows', rows)
        span.end()
      }
    },
    execute: (statement) => follow(statementFacts(statement.text), () => inner.execute(statement)),
    transaction: (statements) =>
      follow(
        { ...statementFacts(statements[0]?.text ?? ''), operation: 'TRANSACTION' },
        () => inner.transaction(statements),
        undefined,
        statements.length,
      ),
    upload: (table, columns, rows) =>
      follow(
        { operation: 'UPLOAD', table: table.name.toLowerCase() },
        () => inner.upload(table, columns, rows),
        undefined,
        rows.length,
      ),
    columns: (relationName) => follow({ operation: 'DESCRIBE' }, () => inner.columns(relationName)),
    hasSchema: (name) => follow({ operation: 'DESCRIBE' }, () => inner.hasSchema(name)),
    withSnapshot: (work) => inner.withSnapshot(work),
    withLabels: (labels, work) => inner.withLabels(labels, work),
    fork: async () => followWarehouse(await inner.fork(), tracer),
    usage: () => inner.usage(),
    close: () => inner.close(),
  }
}
