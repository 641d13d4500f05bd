import type { Association, Mapping, Sync } from '../types.ts'

/** What a sync says, by the keys of its YAML: enough to tell later, and elsewhere, which of them differ. Holds no values of rows. */
export type SyncDefinition = Readonly<Record<string, string>>

/** A key of a sync that is defined otherwise elsewhere. */
export interface DefinitionEdit {
  readonly key: string
  /** Null where the key is new. */
  readonly from: string | null
  /** Null where the key is gone. */
  readonly to: string | null
}

/** Longer words are cut: two that begin alike are told apart by their length at most. */
const longestWord = 500

/** Where something is written is no part of what it says. */
const placeKeys: ReadonlySet<string> = new Set(['origin', 'origins', 'key', 'property'])

/** The keys that decide which rows go, to which record, with which values. */
export function definitionOf(sync: Sync): SyncDefinition {
  const { match, where, start, trackingProperty, event, list, model } = sync
  const keys: Readonly<Record<string, string | undefined>> = {
    model: model.name,
    object: sync.object,
    mode: sync.mode,
    primary_key: sync.primaryKey.join(', '),
    match: match === undefined ? undefined : `${match.property}: ${match.column}`,
    where,
    start: start === undefined ? undefined : inJson(start),
    tracking_property: trackingProperty,
    event: event === undefined ? undefined : inJson(event),
    list: list === undefined ? undefined : inJson(list),
    on_delete: sync.onDelete,
    delete_adopted: String(sync.deletesAdopted),
    ...Object.fromEntries(
      sync.mappings
        .filter(({ key, source }) => key !== 'match' && source.kind !== 'row_id')
        .map((mapping) => [`properties.${mapping.property}`, mappingText(mapping)]),
    ),
    ...associationsText(sync.associations),
  }
  return Object.fromEntries(
    Object.entries(keys).flatMap(([key, text]) =>
      text === undefined ? [] : [[key, text.slice(0, longestWord)]],
    ),
  )
}

/** The column where nothing else is said, as in the short form of a mapping. */
function mappingText(mapping: Mapping): string {
  const { source, nulls, write, onInvalid, allowsBackwards, isShared } = mapping
  const { kind: _, ...said } = source
  const rest = {
    ...said,
    ...(nulls === 'clear' ? {} : { nulls }),
    ...(write === 'always' ? {} : { write }),
    ...(onInvalid === 'reject_row' ? {} : { on_invalid: onInvalid }),
    ...(allowsBackwards ? { allow_backwards: true } : {}),
    ...(isShared ? { shared: true } : {}),
  }
  const isShort = source.kind === 'column' && Object.keys(rest).length === 1
  return isShort ? source.column : inJson(rest)
}

/** By the object at the other end; several of one object are numbered. */
function associationsText(all: readonly Association[]): Record<string, string> {
  const met = new Map<string, number>()
  return Object.fromEntries(
    all.map((association) => {
      const count = (met.get(association.to) ?? 0) + 1
      met.set(association.to, count)
      const { to, ...said } = association
      return [`associations.${to}${count === 1 ? '' : `.${count}`}`, inJson(said)]
    }),
  )
}

/** Equal for what says the same, in whatever order. */
const inJson = (value: object): string => JSON.stringify(value, ordered)

function ordered(key: string, value: unknown): unknown {
  if (placeKeys.has(key)) return undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** What differs, in the order of the keys. */
export function editsOf(before: SyncDefinition, now: SyncDefinition): readonly DefinitionEdit[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((key) => before[key] !== now[key])
    .sort()
    .map((key) => ({ key, from: before[key] ?? null, to: now[key] ?? null }))
}
