import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Value } from '../../src/warehouse/sql.ts'

const folder = join(import.meta.dirname, '..', 'sql')

/** The golden files of a dialect. */
export const goldenFiles = (dialect: string): readonly string[] =>
  readdirSync(folder).filter((file) => file.endsWith(`.${dialect}.sql`))

/** A golden file's statements with their bindings. */
export const goldenStatements = (file: string) =>
  [...readFileSync(join(folder, file), 'utf8').matchAll(/([\s\S]*?);\n(?:-- (\[.*\])\n)?/g)].map(
    ([, statement = '', bindings]) => ({
      statement: statement.trim(),
      bindings: JSON.parse(bindings ?? '[]') as Value[],
    }),
  )
