import { meantBy } from '../../suggest.ts'
import type { LinkType } from '../../types.ts'
import type { Column } from '../../warehouse/dialect.ts'
import { findColumn, isColumn } from '../columns.ts'
import type { DiffLink, LinkTypeText } from '../diff-spec.ts'
import type { Lookup, LookupEntry } from '../values/lookups.ts'
import { didYouMeanOne, type LinkContext, listFamilies, textOf } from './bind-link-context.ts'

/** Which types of link an entry asks for: by labels, or by `type`. */

export function labelsOf(
  context: LinkContext,
  plain: LinkType | undefined,
): DiffLink['labels'] | undefined {
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
function eitherOf(context: LinkContext, text: string): DiffLink['labels'] | undefined {
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

function labelColumn(context: LinkContext, column: Column): DiffLink['labels'] | undefined {
  if (column.family === 'text' || listFamilies.includes(column.family)) {
    return { kind: 'column', column }
  }
  context.tell('label', {
    message: `column ${column.name} is ${column.type}, and labels are text`,
    hint: 'Name the column that holds the label, or a list of labels.',
  })
  return undefined
}

function staticLabels(
  context: LinkContext,
  labels: readonly string[],
): DiffLink['labels'] | undefined {
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
function existing({ other, from }: LinkContext): string {
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
export function labelLookup(types: readonly LinkType[]): Lookup {
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

function typeOf(context: LinkContext, named: string | number): LinkType | undefined {
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
