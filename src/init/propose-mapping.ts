import { isUnique } from '../plan/bind/bind-match.ts'
import { wireForm } from '../plan/bind/wire.ts'
import type { ObjectSchema, PropertySchema } from '../types.ts'
import type { Column, TypeFamily } from '../warehouse/dialect.ts'
import { squeezed, synonymsOf } from './synonyms.ts'

/** A line of `properties:` that is proposed. */
export interface ProposedMapping {
  readonly property: PropertySchema
  readonly column: Column
  readonly as?: 'owner_email' | 'option_label'
}

/** A column that is left out, and why. */
export interface LeftOut {
  readonly column: Column
  readonly why: string
}

export interface Proposal {
  /** In the order of the model's columns. */
  readonly mappings: readonly ProposedMapping[]
  readonly leftOut: readonly LeftOut[]
}

/** How well a column's name says which property is meant; the rest is no hint at all. */
const ranks = ['name', 'squeezed name', 'label', 'synonym', 'name without prefix'] as const
type Rank = (typeof ranks)[number]

interface Candidate {
  readonly property: PropertySchema
  readonly column: Column
  readonly rank: Rank
}

/**
 * Which column goes to which property, by name and type: the internal name, then the same without case and underscores, the
 * label, a usual synonym, and each of them without a prefix of the model or the object. Properties that nobody may write are never
 * proposed, and a column goes to one property only.
 *
 * @param names of the model and the object, whose words columns may begin with
 */
export function proposeMapping(
  columns: readonly Column[],
  schema: ObjectSchema,
  names: readonly string[],
): Proposal {
  const find = finder(schema, names)
  const candidates = columns.flatMap((column) => find(column))
  const chosen = new Map<Column, Candidate>()
  const taken = new Map<string, Column>()
  const why = new Map<Column, string>()
  for (const rank of ranks) {
    for (const candidate of candidates.filter((one) => one.rank === rank)) {
      const { column, property } = candidate
      if (chosen.has(column)) continue
      const other = taken.get(property.name)
      const refusal =
        other === undefined ? whyNot(candidate) : `${other.name} goes to ${property.name}`
      if (refusal === undefined) {
        chosen.set(column, candidate)
        taken.set(property.name, column)
      } else if (!why.has(column)) why.set(column, refusal)
    }
  }
  return {
    mappings: columns.flatMap((column) => {
      const one = chosen.get(column)
      return one === undefined ? [] : [mappingOf(one)]
    }),
    leftOut: columns
      .filter((column) => !chosen.has(column))
      .map((column) => ({
        column,
        why: why.get(column) ?? `no ${schema.name} property has a name like it`,
      })),
  }
}

function mappingOf({ property, column }: Candidate): ProposedMapping {
  const isAddress = isOwner(property) && /e?mail/.test(squeezed(column.name))
  return { property, column, ...(isAddress ? { as: 'owner_email' } : {}) }
}

const isOwner = ({ name, type, hasExternalOptions }: PropertySchema): boolean =>
  type === 'enumeration' && hasExternalOptions && name.endsWith('owner_id')

/** The properties that a column's name may mean, best first. */
function finder(
  schema: ObjectSchema,
  names: readonly string[],
): (column: Column) => readonly Candidate[] {
  const properties = [...schema.properties.values()]
  const bySqueezed = groupedBy(properties, ({ name }) => squeezed(name))
  const byLabel = groupedBy(properties, ({ label }) => squeezed(label))
  const synonyms = synonymsOf(schema.name)
  const prefixes = prefixesOf([schema.name, ...names])
  const meant = (name: string): readonly PropertySchema[] => {
    const synonym = schema.properties.get(synonyms.get(squeezed(name)) ?? '')
    return [
      ...(bySqueezed.get(squeezed(name)) ?? []),
      ...(byLabel.get(squeezed(name)) ?? []),
      ...(synonym === undefined ? [] : [synonym]),
    ]
  }
  return (column) => {
    const { name } = column
    if (/\{[{%#]/.test(name)) return []
    const found: Candidate[] = []
    const add = (rank: Rank, ones: readonly (PropertySchema | undefined)[]) => {
      for (const property of ones)
        if (property !== undefined) found.push({ property, column, rank })
    }
    add('name', [schema.properties.get(name) ?? schema.properties.get(name.toLowerCase())])
    add('squeezed name', bySqueezed.get(squeezed(name)) ?? [])
    add('label', byLabel.get(squeezed(name)) ?? [])
    add('synonym', [schema.properties.get(synonyms.get(squeezed(name)) ?? '')])
    for (const prefix of prefixes) {
      const rest = name.toLowerCase().startsWith(prefix) ? name.slice(prefix.length) : ''
      if (rest !== '') add('name without prefix', meant(rest))
    }
    return found
  }
}

/** `contact_`, `customer_` and so on: words of the model and the object, in the singular, too. */
function prefixesOf(names: readonly string[]): readonly string[] {
  const words = names.flatMap((name) => name.toLowerCase().split(/[^a-z0-9]+/))
  const both = words.flatMap((word) => [word, singular(word)]).filter((word) => word.length > 2)
  return [...new Set([...both, 'hubspot', 'hs'])].map((word) => `${word}_`)
}

export const singular = (word: string): string =>
  word.endsWith('ies') ? `${word.slice(0, -3)}y` : word.replace(/s$/, '')

/** Why a column is not proposed for a property that its name means. */
function whyNot({ property, column, rank }: Candidate): string | undefined {
  const { name } = property
  if (property.isArchived) return `${name} is archived in HubSpot`
  if (property.isCalculated) return `${name} is calculated by HubSpot`
  if (property.isReadOnly) return `${name} is read-only in HubSpot`
  if (property.isHidden && rank !== 'name') return `${name} is hidden in HubSpot`
  const wire = wireForm(property, column.family, undefined, undefined)
  if ('message' in wire)
    return `${name} is of type ${property.type}, and the column ${column.family}. ${wire.hint}`
  const fits = property.type === 'enumeration' ? options : (fitting[wire.kind] ?? [])
  if (fits.includes(column.family)) return undefined
  return `${name} is of type ${property.type}, and the column ${column.family}: map it by hand if every value fits`
}

/** Types whose every value has the form, so that a proposal is right whatever the rows hold. */
const fitting: Readonly<Record<string, readonly TypeFamily[]>> = {
  text: ['text', 'integer', 'decimal', 'float', 'boolean', 'date', 'uuid', 'other'],
  number: ['integer', 'decimal', 'float'],
  boolean: ['boolean'],
  date: ['date', 'timestamp', 'timestamptz'],
  datetime: ['date', 'timestamp', 'timestamptz'],
  multi: ['array', 'text'],
}

/** Types that hold options. */
const options: readonly TypeFamily[] = ['text', 'integer', 'boolean', 'array']

/** How records may be found: a mapped property with unique values, the domain of a company; undefined where nothing is sure. */
export function proposeMatch(
  { mappings }: Pick<Proposal, 'mappings'>,
  schema: ObjectSchema,
): ProposedMapping | undefined {
  const unique = mappings.filter(({ property }) => isUnique(schema, property))
  const isDomain = ({ property }: ProposedMapping) =>
    schema.objectTypeId === '0-2' && property.name === 'domain'
  return unique[0] ?? mappings.find(isDomain)
}

function groupedBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) {
    const key = keyOf(value)
    groups.set(key, [...(groups.get(key) ?? []), value])
  }
  return groups
}
