import type { PropertyOption, PropertySchema, ValidationRule } from '../types.ts'
import type { Difference } from './difference.ts'
import { absent, type LockedProperties } from './locked-portal.ts'
import type { PropertyUse } from './sync-uses.ts'

/** One of several properties, or other named things, and who uses it. */
interface Asked {
  /** E.g. `contacts property nickname`. */
  readonly words: string
  /** E.g. `contacts.nickname`. */
  readonly what: string
  readonly uses: readonly PropertyUse[]
}

type Tell = (kind: string, message: string, breaks: readonly PropertyUse[]) => void

/**
 * How properties differ, each by itself.
 *
 * @param owner of them, as messages say it
 * @param isWhole all syncs could be read: what is not asked for is not used
 */
export function propertyDifferences(
  owner: string,
  locked: LockedProperties,
  live: LockedProperties,
  usesOf: (property: string) => readonly PropertyUse[],
  isWhole: boolean,
): readonly Difference[] {
  const names = [...new Set([...locked.keys(), ...live.keys()])].sort()
  return names.flatMap((name) => {
    const before = locked.get(name)
    const after = live.get(name)
    const asked = {
      words: `${owner} property ${name}`,
      what: `${owner}.${name}`,
      uses: usesOf(name),
    }
    const { tell, found } = collector(asked)
    if (before === undefined) {
      tell('not_locked', `the lock says nothing of the ${asked.words}`, asked.uses)
    } else if (after === undefined) {
      if (isWhole) tell('unused', `no sync uses the ${asked.words} any more`, [])
    } else if (before === absent || after === absent) {
      if (before === after) return []
      const lacking = asked.uses.filter(({ mapping }) => mapping?.definition?.isCreated !== true)
      if (before === absent) tell('property_appeared', `there is a ${asked.words} now`, [])
      else tell('property_gone', `the ${asked.words} is gone`, lacking)
    } else compare(asked, before, after, tell)
    return found
  })
}

/** Collects differences; those that break nothing are news for whoever uses the thing. */
export function collector({ what, uses }: Asked): {
  readonly tell: Tell
  readonly found: Difference[]
} {
  const found: Difference[] = []
  return {
    found,
    tell(kind, message, breaks) {
      const matters = breaks.length > 0
      const syncs = (matters ? breaks : uses).map(({ sync }) => sync.name)
      found.push({ kind, what, message, matters, syncs: [...new Set(syncs)].sort() })
    },
  }
}

function compare(asked: Asked, before: PropertySchema, after: PropertySchema, tell: Tell): void {
  const { words, uses } = asked
  const mapped = uses.filter(({ mapping }) => mapping !== undefined)
  if (before.isArchived !== after.isArchived) {
    if (after.isArchived) tell('property_archived', `the ${words} was archived`, uses)
    else tell('property_restored', `the ${words} was restored`, [])
  }
  if (before.type !== after.type)
    tell(
      'type_changed',
      `the ${words} was of type ${before.type}, and is of type ${after.type}`,
      uses,
    )
  if (before.fieldType !== after.fieldType) {
    const isSeveral = [before.fieldType, after.fieldType].includes('checkbox')
    const message = `the field of the ${words} was ${before.fieldType}, and is ${after.fieldType}`
    tell('field_changed', message, isSeveral ? mapped : [])
  }
  if (!before.isReadOnly && after.isReadOnly)
    tell('became_read_only', `the ${words} became read-only`, mapped)
  if (before.isReadOnly && !after.isReadOnly)
    tell('became_writable', `the ${words} can be written now`, [])
  if (before.isUnique !== after.isUnique) {
    if (after.isUnique)
      tell('became_unique', `values of the ${words} are unique now`, constants(mapped))
    else {
      const keys = uses.filter(({ isKey }) => isKey)
      tell('not_unique', `values of the ${words} are not unique any more`, keys)
    }
  }
  if (before.hasExternalOptions !== after.hasExternalOptions)
    tell('options_moved', `options of the ${words} are kept in another place`, mapped)
  optionDifferences(asked, before.options, after.options, tell)
  rulesDifferences(words, before.rules ?? [], after.rules ?? [], mapped, tell)
  if (before.label !== after.label)
    tell(
      'label_changed',
      `the ${words} was called ${before.label}, and is called ${after.label}`,
      [],
    )
  if (before.isHidden !== after.isHidden)
    tell('visibility_changed', `the ${words} is ${after.isHidden ? 'hidden' : 'shown'} now`, [])
}

const constants = (uses: readonly PropertyUse[]): readonly PropertyUse[] =>
  uses.filter(({ mapping }) => mapping?.source.kind === 'value')

/** How options differ, or pipelines and stages. */
export function optionDifferences(
  { words, uses }: Pick<Asked, 'words' | 'uses'>,
  locked: readonly PropertyOption[],
  live: readonly PropertyOption[],
  tell: Tell,
): void {
  const after = new Map(live.map((option) => [option.value, option]))
  const before = new Map(locked.map((option) => [option.value, option]))
  const byLabel = uses.filter(({ mapping }) => asOf(mapping) === 'option_label')
  for (const { value, label, isHidden } of locked) {
    const now = after.get(value)
    if (now === undefined) {
      tell(
        'option_gone',
        `option ${value} of the ${words} is gone`,
        uses.filter(mayGive(value, label)),
      )
      continue
    }
    if (now.label !== label) {
      const message = `option ${value} of the ${words} was called ${label}, and is called ${now.label}`
      tell('option_renamed', message, byLabel)
    }
    if (now.isHidden !== isHidden) {
      const message = `option ${value} of the ${words} is ${now.isHidden ? 'hidden' : 'shown'} now`
      tell('visibility_changed', message, [])
    }
  }
  for (const { value } of live) {
    if (!before.has(value)) tell('option_added', `the ${words} has a new option ${value}`, [])
  }
  const order = (options: readonly PropertyOption[], others: ReadonlyMap<string, unknown>) =>
    JSON.stringify(options.map(({ value }) => value).filter((value) => others.has(value)))
  if (order(locked, after) !== order(live, before))
    tell('options_reordered', `options of the ${words} are in another order`, [])
}

const asOf = (mapping: PropertyUse['mapping']) =>
  mapping?.source.kind === 'column' ? mapping.source.as : undefined

/** A constant is one option, or some; anything else may be any of them. */
const mayGive =
  (value: string, label: string) =>
  ({ mapping }: PropertyUse): boolean =>
    mapping !== undefined &&
    (mapping.source.kind !== 'value' ||
      mapping.source.value.split(';').some((part) => part === value || part === label))

function rulesDifferences(
  words: string,
  before: readonly ValidationRule[],
  after: readonly ValidationRule[],
  mapped: readonly PropertyUse[],
  tell: Tell,
): void {
  const text = (rule: ValidationRule) => [rule.type, ...rule.arguments].join(' ')
  const known = new Set(before.map(text))
  const now = new Set(after.map(text))
  for (const rule of now) {
    if (!known.has(rule)) tell('rule_added', `the ${words} has a new rule ${rule}`, mapped)
  }
  for (const rule of known) {
    if (!now.has(rule)) tell('rule_gone', `the ${words} has no rule ${rule} any more`, [])
  }
}
