import type { Problem } from '../errors.ts'
import { meantBy } from '../suggest.ts'
import type { Association, LinkedObject, LinkType, ObjectSchema, Sync } from '../types.ts'
import type { Column, TypeFamily } from '../warehouse/dialect.ts'
import { isContactEmail, isUnique, type Report, type Resolve, searchable } from './bind-match.ts'
import { findColumn, isColumn } from './columns.ts'
import type { DiffLink, LinkTypeText } from './diff-spec.ts'
import type { Lookup, LookupEntry } from './lookups.ts'

/** Links of a sync, as far as they can be told, and what finding their records costs. */
export interface BoundLinks {
  readonly links: readonly DiffLink[]
  /** Columns that decide what is linked without being a property. */
  readonly columns: readonly Column[]
  readonly costs: readonly Problem[]
}

/** Checks what a sync says of its links against the model's columns and the types of links that the portal has. */
export function bindLinks(
  sync: Sync,
  schema: ObjectSchema,
  columns: readonly Column[],
  resolve: Resolve,
  report: Report,
): BoundLinks {
  const links: DiffLink[] = []
  const costs: Problem[] = []
  for (const association of sync.associations) {
    const other = schema.linked?.get(association.key)
    if (other === undefined) continue
    const tell: Tell = (key, problem) =>
      report(`${association.key}${key === '' ? '' : `.${key}`}`, problem, association.origin)
    const context = { association, other, from: schema.name, columns, resolve, tell }
    const plainType = plainTypeOf(context)
    const target = targetOf(context)
    const labels = labelsOf(context, plainType)
    if (plainType === undefined || target === undefined || labels === undefined) continue
    if (target.kind === 'match' && target.by === 'search') costs.push(searchCost(sync, context))
    links.push({
      association: nameOf(association, other),
      object: other.name,
      objectTypeId: other.objectTypeId,
      target,
      ...(association.split === undefined ? {} : { split: association.split }),
      labels,
      lookup: labelLookup(other.types),
      plainType: textOf(plainType),
      onRemoved: association.onRemoved,
    })
  }
  return { links, columns: links.flatMap(columnsOf), costs }
}

type Tell = (key: string, problem: Omit<Problem, 'where'>) => void

interface Context {
  readonly association: Association
  readonly other: LinkedObject
  /** The object that links lead from. */
  readonly from: string
  readonly columns: readonly Column[]
  readonly resolve: Resolve
  readonly tell: Tell
}

/** The entry by what it finds: stable while the entry moves, or changes its labels. */
function nameOf({ target }: Association, { name }: LinkedObject): string {
  switch (target.kind) {
    case 'sync':
      return `${name}/sync:${target.sync}:${target.key.join(',')}`
    case 'id':
      return `${name}/id:${target.column}`
    case 'match':
      return `${name}/match:${target.property}:${target.column}`
  }
}

const columnsOf = ({ target, labels }: DiffLink): readonly Column[] => [
  ...(target.kind === 'sync' ? target.columns : [target.column]),
  ...(labels.kind === 'column' ? [labels.column] : []),
]

const textOf = ({ category, typeId }: LinkType): LinkTypeText => `${category}:${typeId}`

/** HubSpot's own before one that an account or an app made. */
function plainTypeOf({ other, from, tell }: Context): LinkType | undefined {
  const plain = other.types.filter(({ label }) => label === null)
  const type = plain.find(({ category }) => category === 'HUBSPOT_DEFINED') ?? plain[0]
  if (type === undefined) {
    tell('to', {
      message: `HubSpot has no association between ${from} and ${other.name}`,
      hint: 'Associate the two objects in HubSpot (Settings, Objects, Associations), or link to another object.',
    })
  }
  return type
}

// ---------------------------------------------------------------- the record at the other end

const listFamilies: readonly TypeFamily[] = ['array', 'json']
const idFamilies: readonly TypeFamily[] = ['text', 'integer', 'decimal', ...listFamilies]

function targetOf(context: Context): DiffLink['target'] | undefined {
  const { target, key, origin } = context.association
  if (target.kind === 'sync') {
    const found = target.key.map((name) => context.resolve(name, `${key}.key`, origin))
    const columns = found.filter((column) => column !== undefined)
    return columns.length < found.length ? undefined : { kind: 'sync', sync: target.sync, columns }
  }
  const place = target.kind === 'id' ? 'id' : `match.${target.property}`
  const column = context.resolve(target.column, `${key}.${place}`, origin)
  if (target.kind === 'match') return matchOf(context, target.property, column)
  if (column === undefined) return undefined
  if (idFamilies.includes(column.family)) return { kind: 'id', column }
  context.tell('id', {
    message: `record ids are whole numbers; column ${column.name} is ${column.type}`,
    hint: 'Map a column of text, whole numbers or a list of them.',
  })
  return undefined
}

function matchOf(
  { other, tell }: Context,
  name: string,
  column: Column | undefined,
): DiffLink['target'] | undefined {
  const property = other.properties.get(name)
  if (property === undefined) {
    tell(`match.${name}`, {
      message: `${other.name} have no property ${name}`,
      hint: `${didYouMeanOne(name, [...other.properties.keys()])}\`backhaul inspect properties ${other.name}\` lists them.`,
    })
    return undefined
  }
  if (property.isArchived) {
    tell(`match.${name}`, {
      message: `the property ${name} of ${other.name} is archived`,
      hint: 'Restore it in HubSpot, or match by another property.',
    })
    return undefined
  }
  const by = isUnique(other, property)
    ? 'unique'
    : searchable.includes(property.type)
      ? 'search'
      : undefined
  if (by === undefined) {
    tell(`match.${name}`, {
      message: `records cannot be found by ${name}, a property of type ${property.type}`,
      hint: 'Match by a property of text or numbers, or by one with unique values.',
    })
    return undefined
  }
  if (column === undefined) return undefined
  const isDomain = other.objectTypeId === '0-2' && name === 'domain' && by === 'search'
  const foldsCase = by === 'unique' ? isContactEmail(other, name) : property.type === 'string'
  return {
    kind: 'match',
    by,
    property: name,
    column,
    foldsCase,
    ...(isDomain ? { isDomain: true } : {}),
  }
}

/** "Did you mean x? ", or nothing: there are too many names to list them. */
function didYouMeanOne(word: string, known: readonly string[]): string {
  const meant = meantBy(word, known)
  return meant === undefined ? '' : `Did you mean \`${meant}\`? `
}

function searchCost(sync: Sync, { association, other }: Context): Problem {
  const property = association.target.kind === 'match' ? association.target.property : ''
  return {
    message: `HubSpot does not treat ${other.name} property ${property} as unique: the records that links lead to are found by search, 5 searches a second, and a link that finds several is rejected`,
    hint: `Link to the rows of another sync (\`sync:\`), which costs no call, or by a property with unique values.`,
    sync: sync.name,
    key: `${association.key}.match`,
    where: association.origin,
  }
}

// ---------------------------------------------------------------- labels

function labelsOf(context: Context, plain: LinkType | undefined): DiffLink['labels'] | undefined {
  const { labels, type } = context.association
  if (labels === undefined) {
    if (type === undefined) return { kind: 'types', types: [] }
    const named = typeOf(context, type)
    return named === undefined
      ? undefined
      : { kind: 'types', types: named === plain ? [] : [textOf(named)] }
  }
  if (labels.kind === 'static') return staticLabels(context, labels.labels)
  if (labels.kind === 'column') {
    const column = context.resolve(
      labels.column,
      `${context.association.key}.label.column`,
      context.association.origin,
    )
    return column === undefined ? undefined : labelColumn(context, column)
  }
  return eitherOf(context, labels.text)
}

/** A column where the model has one of that name, else a label. */
function eitherOf(context: Context, text: string): DiffLink['labels'] | undefined {
  const { columns, other, tell } = context
  const column = findColumn(text, columns)
  const isLabel = entryOf(other.types, text) !== undefined
  if (isColumn(column)) {
    if (!isLabel) return labelColumn(context, column)
    tell('label', {
      message: `${text} is a column of the model, and a label in HubSpot`,
      hint: `Write \`label: {column: ${column.name}}\` or \`label: {value: ${text}}\`.`,
    })
    return undefined
  }
  if (isLabel) return staticLabels(context, [text])
  if (column.message.includes('ambiguous')) {
    tell('label', column)
    return undefined
  }
  const names = columns.map(({ name }) => name)
  const meant = meantBy(text, [...names, ...labelsIn(other.types)])
  tell('label', {
    message: `${text} is neither a column of the model nor a label of links from ${context.from} to ${other.name}`,
    hint: `${meant === undefined ? '' : `Did you mean \`${meant}\`? `}${existing(context)}`,
  })
  return undefined
}

function labelColumn(context: Context, column: Column): DiffLink['labels'] | undefined {
  if (column.family === 'text' || listFamilies.includes(column.family)) {
    return { kind: 'column', column }
  }
  context.tell('label', {
    message: `column ${column.name} is ${column.type}, and labels are text`,
    hint: 'Name the column that holds the label, or a list of labels.',
  })
  return undefined
}

function staticLabels(context: Context, labels: readonly string[]): DiffLink['labels'] | undefined {
  const { other, tell, from } = context
  const types: LinkTypeText[] = []
  let isBad = false
  for (const label of labels) {
    const entry = entryOf(other.types, label)
    if (entry?.meaning !== undefined) {
      if (!types.includes(entry.meaning)) types.push(entry.meaning)
      continue
    }
    isBad = true
    const meant = meantBy(label, labelsIn(other.types))
    const did = meant === undefined ? '' : `Did you mean \`${meant}\`? `
    tell(
      'label',
      entry === undefined
        ? {
            message: `links from ${from} to ${other.name} have no label ${label}`,
            hint: `${did}${existing(context)}`,
          }
        : { message: `${label} ${entry.trouble}`, hint: existing(context) },
    )
  }
  return isBad ? undefined : { kind: 'types', types }
}

const labelsIn = (types: readonly LinkType[]): readonly string[] => [
  ...new Set(types.flatMap(({ label }) => label?.trim() ?? [])),
]

/** What there is, and how more is made. */
function existing({ other, from }: Context): string {
  const labels = labelsIn(other.types)
  const isOwn = other.types.some(
    ({ category, label }) => category !== 'HUBSPOT_DEFINED' && label !== null,
  )
  const more = isOwn
    ? `\`backhaul inspect associations ${from} ${other.name}\` lists them.`
    : 'Labels are made in HubSpot (Settings, Objects, Associations), from the Professional tier on.'
  return `${labels.length === 0 ? 'There is no label yet' : `Labels are: ${labels.join(', ')}`}. ${more}`
}

type LabelEntry = Omit<LookupEntry, 'meaning'> & { readonly meaning?: LinkTypeText }

const entryOf = (types: readonly LinkType[], label: string): LabelEntry | undefined =>
  labelEntries(types).find(({ term }) => term === label.trim()) ??
  labelEntries(types).find(({ term }) => term === label.trim().toLowerCase())

/** All that may stand in a column of labels, and which type it means. */
function labelLookup(types: readonly LinkType[]): Lookup {
  return { kind: 'link', entries: labelEntries(types) }
}

/** Labels as they are written and in lower case. One of several types means none of them; an internal name is none. */
function labelEntries(types: readonly LinkType[]): readonly LabelEntry[] {
  const exact = new Map<string, LinkType[]>()
  const folded = new Map<string, LinkType[]>()
  const names = new Map<string, string>()
  for (const type of types) {
    if (type.label === null) continue
    const label = type.label.trim()
    add(exact, label, type)
    add(folded, label.toLowerCase(), type)
    if (type.name !== undefined) names.set(type.name, label)
  }
  const entries = new Map<string, LabelEntry>()
  for (const [term, meant] of [...exact, ...folded]) {
    if (entries.has(term)) continue
    const [only, ...others] = meant
    if (only === undefined) continue
    entries.set(
      term,
      others.length === 0
        ? { term, meaning: textOf(only) }
        : { term, trouble: `is the label of several types (${meant.map(textOf).join(', ')})` },
    )
  }
  for (const [term, label] of names) {
    if (entries.has(term)) continue
    entries.set(term, { term, trouble: `is the internal name of the label ${label}` })
  }
  return [...entries.values()].sort((a, b) => (a.term < b.term ? -1 : 1))
}

function add(byLabel: Map<string, LinkType[]>, label: string, type: LinkType): void {
  byLabel.set(label, [...(byLabel.get(label) ?? []), type])
}

// ---------------------------------------------------------------- the type that is named in place of HubSpot's default

function typeOf(context: Context, named: string | number): LinkType | undefined {
  const { other, tell, from } = context
  const text = String(named).trim()
  const is = (one: string | null | undefined) => one?.trim().toLowerCase() === text.toLowerCase()
  const found = /^\d+$/.test(text)
    ? other.types.filter(({ typeId }) => typeId === Number(text))
    : other.types.filter(({ label, name }) => is(label) || is(name))
  const [type, ...others] = found
  if (type !== undefined && others.length === 0) return type
  const words = other.types.flatMap(({ label, name }) => [label ?? [], name ?? []].flat())
  tell('type', {
    message:
      type === undefined
        ? `links from ${from} to ${other.name} have no type ${text}`
        : `${text} names several types (${found.map(textOf).join(', ')})`,
    hint: `${didYouMeanOne(text, words)}Types are: ${other.types.map(described).join(', ')}.`,
  })
  return undefined
}

/** `279 (unlabelled)`, `1 (Primary)`. */
function described({ typeId, label, name }: LinkType): string {
  const words = [label ?? 'unlabelled', ...(name === undefined ? [] : [name])]
  return `${typeId} (${words.join(', ')})`
}
