import type { Model } from '../types.ts'
import type { Finding } from './check.ts'
import type { Parsed } from './parsed-sync.ts'

/** As written, else as dbt inferred it where that is one column; undefined where nobody says it. */
export function primaryKeyOf({
  input,
  model,
}: Pick<Parsed, 'input' | 'model'>): readonly string[] | undefined {
  if (typeof input.primary_key === 'string') return [input.primary_key]
  if (input.primary_key !== undefined) return input.primary_key
  return model.primaryKey.length === 1 ? model.primaryKey : undefined
}

export function* keyRules(parsed: Parsed): Generator<Finding> {
  const key = primaryKeyOf(parsed)
  if (key === undefined) yield missingKey(parsed.model)
  else if (new Set(key).size < key.length) {
    yield { path: ['primary_key'], message: 'names a column twice' }
  }
}

function missingKey(model: Model): Finding {
  const path = ['primary_key']
  if (model.primaryKey.length === 0) {
    return {
      path,
      message: `is required: dbt inferred none for ${model.name}`,
      hint: 'Write `primary_key: <column>`, or give the column the dbt tests `unique` and `not_null`: dbt 1.9 and later infer the key from them.',
    }
  }
  return {
    path,
    message: `is required: dbt inferred ${model.primaryKey.join(', ')}, which may be one key or several`,
    hint: `Write \`primary_key: ${model.primaryKey[0]}\`, or \`primary_key: [${model.primaryKey.join(', ')}]\` when only all together identify a row.`,
  }
}
