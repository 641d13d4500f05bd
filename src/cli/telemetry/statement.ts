import { sharedTables, syncTables } from '../../record/tables.ts'

/** What a statement does, and to which table of ours. Its text is told nowhere: the user's own SQL is part of it. */
export interface StatementFacts {
  readonly operation: string
  readonly table?: string
}

const ofSync = Object.keys(syncTables).join('|')
const shared = Object.keys(sharedTables).join('|')
const ownTable = new RegExp(
  `\\b(?:${ofSync})__\\w+|(?<=[\\w"\`]\\.["\`]?)(?:${shared})\\b(?!\\.)`,
  'i',
)

export function statementFacts(text: string): StatementFacts {
  const [word = 'statement'] = /[a-z]+/i.exec(text.replace(/^(?:\s*--.*\n)+/, '')) ?? []
  const [table] = ownTable.exec(text) ?? []
  return {
    operation: word.toUpperCase(),
    ...(table === undefined ? {} : { table: table.toLowerCase() }),
  }
}

/** OpenTelemetry's names of engines, where they are others than dbt's. */
const systems: Readonly<Record<string, string>> = {
  postgres: 'postgresql',
  bigquery: 'gcp.bigquery',
}

export const systemOf = (dialect: string): string => systems[dialect] ?? dialect
