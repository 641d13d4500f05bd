import type pg from 'pg'
import type { Column } from '../dialect.ts'
import { familyOf } from './family.ts'

/** Columns of a relation; undefined when it does not exist. Domains come as what they are made of. */
export async function readColumns(
  client: pg.Client,
  relationName: string,
): Promise<readonly Column[] | undefined> {
  const found = await client.query<{ relation: string | null }>(
    'select to_regclass($1)::text as relation',
    [relationName],
  )
  if ((found.rows[0]?.relation ?? null) === null) return undefined
  const { fields } = await client.query(`select * from ${relationName} limit 0`)
  const ids = `{${fields.map((field) => field.dataTypeID).join(',')}}`
  const modifiers = `{${fields.map((field) => field.dataTypeModifier).join(',')}}`
  const types = await client.query<{ type: string; kind: string }>(
    `select format_type(f.id, f.modifier) as type, t.typtype as kind
from unnest($1::oid[], $2::int[]) with ordinality as f(id, modifier, position)
left join pg_type as t on t.oid = f.id
order by f.position`,
    [ids, modifiers],
  )
  return fields.map((field, index) => {
    const type = types.rows[index]?.type ?? 'unknown'
    const isEnum = types.rows[index]?.kind === 'e'
    return { name: field.name, type, family: isEnum ? 'text' : familyOf(type) }
  })
}
