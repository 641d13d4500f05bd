import type { Problem } from '../../errors.ts'
import type { PropertySchema } from '../../types.ts'
import type { DiffProperty } from '../diff-spec.ts'
import { exceeds, limitsOf, limitWords } from '../values/value-limits.ts'

export function optionsOf(property: PropertySchema): Pick<DiffProperty, 'options'> {
  if (property.type !== 'enumeration' || property.hasExternalOptions) return {}
  return { options: property.options.map((option) => option.value) }
}

/** Spellings are looked for in SQL, one by one. */
const maxSpellings = 100

/** Options by their labels and their own values without case, as far as those mean one option only. */
export function spellingsOf(property: PropertySchema): Pick<DiffProperty, 'spellings'> {
  if (optionsOf(property).options === undefined || property.options.length > maxSpellings) return {}
  const meanings = new Map<string, Set<string>>()
  for (const { label, value } of property.options) {
    for (const spelling of [value, label].map((text) => text.trim().toLowerCase())) {
      meanings.set(spelling, (meanings.get(spelling) ?? new Set()).add(value))
    }
  }
  const single = [...meanings].flatMap(([spelling, [first, second]]) =>
    first === undefined || second !== undefined ? [] : [[spelling, first] as const],
  )
  return single.length === 0 ? {} : { spellings: single }
}

/** What a value in the sync itself lacks to be one of the property. */
export function wrongValue(
  property: PropertySchema,
  value: string,
): Omit<Problem, 'where'> | undefined {
  if (value === '') return undefined
  const form = constantForms[property.type]
  if (form !== undefined && !form.isValue(value)) {
    return { message: `${value} is no value of ${property.name}: it takes ${form.words}` }
  }
  const limit = limitsOf(property).find((one) => exceeds(one, value))
  if (limit !== undefined) {
    return { message: `the value ${limitWords(limit)}, which ${property.name} does not take` }
  }
  const parts = property.fieldType === 'checkbox' ? value.split(';') : [value]
  const wrong = parts.map((part) => wrongOption(property, part))
  return wrong.find((problem) => problem !== undefined)
}

const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(text).toJSON()?.slice(0, 10) === text

/** Wire forms of values that are written in the sync. */
const constantForms: Readonly<
  Record<string, { readonly words: string; readonly isValue: (value: string) => boolean }>
> = {
  number: {
    words: 'a plain number, such as 12.5',
    isValue: (value) => /^-?\d+(\.\d+)?$/.test(value),
  },
  bool: { words: 'true or false', isValue: (value) => value === 'true' || value === 'false' },
  date: { words: 'a day, such as 2026-01-31', isValue: isDay },
  datetime: {
    words: 'a moment in UTC, such as 2026-01-31T12:00:00.000Z',
    isValue: (value) =>
      /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/.test(value) &&
      isDay(value.slice(0, 10)) &&
      !Number.isNaN(Date.parse(value)),
  },
}

function wrongOption(property: PropertySchema, value: string): Omit<Problem, 'where'> | undefined {
  const { options } = optionsOf(property)
  if (options === undefined || options.includes(value)) return undefined
  const labelled = property.options.filter((option) => option.label === value)
  const meant = labelled.map((option) => option.value)
  if (meant.length === 0) {
    return {
      message: `${value} is not an option of ${property.name}`,
      hint: `Options: ${options.slice(0, 20).join(', ')}${options.length > 20 ? ', …' : ''}`,
    }
  }
  return {
    message:
      meant.length === 1
        ? `${value} is the label of an option of ${property.name}; its internal value is ${meant[0]}`
        : `${value} is the label of several options of ${property.name}; their internal values are ${meant.join(' and ')}`,
    hint: `Write ${meant.join(' or ')}.`,
  }
}
