import { DestinationError } from '../../errors.ts'
import type { LeftOut, ProposedMapping } from '../../init/propose-mapping.ts'
import type { Owner } from '../../types.ts'
import { raw } from '../../warehouse/sql.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'

/** More different values than this are hardly options. */
const mostValues = 200

export interface Checked {
  readonly mappings: readonly ProposedMapping[]
  readonly leftOut: readonly LeftOut[]
}

/**
 * Whether the rows hold options of the properties that take only those: their values, or else their labels, which a sync
 * translates; or addresses of owners. What is neither is left out. Values stay here.
 *
 * @param readOwners asked at most once; undefined where the account is not known
 */
export async function checkOptionValues(
  warehouse: Warehouse,
  relation: string,
  mappings: readonly ProposedMapping[],
  readOwners: (() => Promise<readonly Owner[]>) | undefined,
): Promise<Checked> {
  const kept: ProposedMapping[] = []
  const leftOut: LeftOut[] = []
  let owners: readonly Owner[] | undefined
  for (const mapping of mappings) {
    const { column, property, as } = mapping
    const isUnknown = as === undefined && property.hasExternalOptions
    if (property.type !== 'enumeration' || isUnknown || column.family === 'array') {
      kept.push(mapping)
    } else if (as === 'owner_email' && readOwners === undefined) {
      leftOut.push({ column, why: `${property.name} takes owners of your account` })
    } else {
      const values = await valuesOf(warehouse, relation, mapping)
      if (as === 'owner_email') owners ??= await readOwners?.().catch(noneToRead)
      const verdict = values === undefined ? undefined : judged(mapping, values, owners ?? [])
      if (verdict === undefined) leftOut.push({ column, why: whyNot(mapping) })
      else kept.push(verdict)
    }
  }
  return { mappings: kept, leftOut }
}

/** A token that may not read owners knows of none. */
function noneToRead(error: unknown): readonly Owner[] {
  if (error instanceof DestinationError && error.status === 403) return []
  throw error
}

function judged(
  mapping: ProposedMapping,
  values: readonly string[],
  owners: readonly Owner[],
): ProposedMapping | undefined {
  const { property, as } = mapping
  const isEvery = (known: readonly string[]) => {
    const all = new Set(known)
    return values.every((value) => all.has(value))
  }
  if (as === 'owner_email') {
    const known = new Set(owners.map(({ email }) => email.toLowerCase()))
    return values.every((value) => known.has(value.toLowerCase())) ? mapping : undefined
  }
  if (isEvery(property.options.map(({ value }) => value))) return mapping
  if (isEvery(property.options.map(({ label }) => label))) return { ...mapping, as: 'option_label' }
  return undefined
}

const whyNot = ({ property, as }: ProposedMapping): string =>
  as === 'owner_email'
    ? 'it holds addresses that no owner has, as far as the token may know (`backhaul inspect owners` lists them)'
    : `it holds values that are no options of ${property.name} (\`backhaul inspect properties\` shows them)`

/** What a column holds, each once; of one that holds several, each of them. Undefined: too many. */
async function valuesOf(
  warehouse: Warehouse,
  relation: string,
  { property, column }: ProposedMapping,
): Promise<readonly string[] | undefined> {
  const name = warehouse.dialect.quote(column.name)
  const found = raw(
    `select distinct ${name} as found from ${relation} where ${name} is not null limit ${mostValues + 1}`,
  )
  const rows = await warehouse.withSnapshot(() => warehouse.query(found))
  if (rows.length > mostValues) return undefined
  const texts = rows.map((row) => String(row['found']))
  const values =
    property.fieldType === 'checkbox' ? texts.flatMap((text) => text.split(';')) : texts
  return values.filter((value) => value !== '')
}
