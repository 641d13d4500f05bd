import { readFileSync } from 'node:fs'

/** What the pages call the backhaul schema. */
export const documentedSchema = 'analytics_backhaul'

export type EngineName = 'duckdb' | 'postgres' | 'snowflake' | 'bigquery'

/** A query of docs/queries.md as one engine has it. */
export interface DocumentedQuery {
  readonly sql: string
  /** What the page says that it answers. */
  readonly answer: string
  /** Position of the answer among those of the page. */
  readonly index: number
}

const engineNames: Readonly<Record<EngineName, string>> = {
  duckdb: 'DuckDB',
  postgres: 'PostgreSQL',
  snowflake: 'Snowflake',
  bigquery: 'BigQuery',
}

const queriesPage = readFileSync('docs/queries.md', 'utf8')

/** One or more queries, and the answer below them. */
const group = /((?:```sql\n[\s\S]*?\n```\n\s*)+)```text\n([\s\S]*?)```\n/g

/** The queries of the page; where engines differ, the one whose first line names this engine. */
export function documentedQueries(engine: EngineName): readonly DocumentedQuery[] {
  return [...queriesPage.matchAll(group)].map(([, queries = '', answer = ''], index) => {
    const variants = [...queries.matchAll(/```sql\n([\s\S]*?);\n```/g)].map((match) => match[1])
    const sql =
      variants.find((text) => /^-- (.*)$/m.exec(text ?? '')?.[1]?.includes(engineNames[engine])) ??
      (variants.length === 1 ? variants[0] : undefined)
    if (sql === undefined) throw new Error(`docs/queries.md has no query for ${engine}: ${queries}`)
    return { sql, answer, index }
  })
}

/** The page with these answers. */
export function withAnswers(answers: readonly string[]): string {
  let index = 0
  return queriesPage.replaceAll(
    group,
    (_, queries: string) => `${queries}\`\`\`text\n${answers[index++]}\`\`\`\n`,
  )
}
