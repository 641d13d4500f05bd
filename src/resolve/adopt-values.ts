import type { WritePolicy } from '../types.ts'

/** What of a mapped property says when two of its values are the same. */
export interface ComparedProperty {
  readonly name: string
  /** HubSpot's type of it. */
  readonly type: string
  /** It holds several options at once. */
  readonly isMulti: boolean
  /** HubSpot keeps it in lower case: addresses, domains. */
  readonly foldsCase: boolean
  readonly write: WritePolicy
}

/** What the state takes a record to have been sent. */
export interface AdoptedValues {
  readonly values: Readonly<Record<string, string>>
  /** Properties in which record and row differ: the next run sends them. */
  readonly differing: readonly string[]
}

/**
 * What a record holds of the properties that a row has a value for, in the row's own spelling where it says the same. A property that
 * the row says nothing of stays out, so that nothing is cleared that was never sent; so does what only a create sends, and, where it
 * differs, what goes only where HubSpot holds nothing.
 *
 * @param row wire values
 * @param held of the record, as HubSpot answers
 */
export function adoptValues(
  row: Readonly<Record<string, string>>,
  held: Readonly<Record<string, string | null>>,
  properties: readonly ComparedProperty[],
): AdoptedValues {
  const values: Record<string, string> = {}
  const differing: string[] = []
  for (const property of properties) {
    const { name, write } = property
    const wanted = row[name]
    if (wanted === undefined || write === 'create_only') continue
    const found = held[name] ?? ''
    if (isSameValue(property, wanted, found)) {
      values[name] = wanted
      continue
    }
    const isKept = write === 'if_empty' && found !== ''
    if (!isKept) differing.push(name)
    if (write === 'always' && found !== '') values[name] = found
  }
  return { values, differing }
}

/** True when HubSpot's spelling of a value says what the row's does. Where that is not certain the value is sent once more. */
export function isSameValue(
  { type, isMulti, foldsCase }: Omit<ComparedProperty, 'name' | 'write'>,
  wanted: string,
  found: string,
): boolean {
  if (wanted === found) return true
  if (wanted === '' || found === '') return false
  if (isMulti) return elementsOf(wanted) === elementsOf(found)
  switch (type) {
    case 'number':
      return isDefined(numberText(wanted)) && numberText(wanted) === numberText(found)
    case 'date':
    case 'datetime':
      return isDefined(momentOf(wanted)) && momentOf(wanted) === momentOf(found)
    case 'bool':
      return wanted === found.trim().toLowerCase()
    case 'enumeration':
      return false
    default: {
      // HubSpot cuts off white space at both ends.
      const [one, other] = [wanted.trim(), found.trim()]
      return one === other || (foldsCase && one.toLowerCase() === other.toLowerCase())
    }
  }
}

const isDefined = (value: unknown): boolean => value !== undefined

/** Options in one order, each once. */
const elementsOf = (joined: string): string =>
  [...new Set(joined.split(';').filter((element) => element !== ''))].sort().join(';')

/** A decimal number without what says nothing; undefined for what is none. No digit is lost. */
function numberText(text: string): string | undefined {
  const parts = /^([+-]?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(text.trim())
  if (parts === null || !/\d/.test(text)) return exponential(text)
  const [, sign, whole = '', fraction = ''] = parts
  const digits = `${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`
  return sign === '-' && digits !== '0' ? `-${digits}` : digits
}

const exponential = (text: string): string | undefined => {
  const value = Number(text)
  if (!/^[+-]?[\d.]+e[+-]?\d{1,3}$/i.test(text.trim()) || !Number.isFinite(value)) return undefined
  return Number.isSafeInteger(value) ? String(value) : undefined
}

/** Milliseconds since 1970 of ISO 8601 text, or of such a count as text. */
function momentOf(text: string): number | undefined {
  const ms = /^-?\d{5,}$/.test(text) ? Number(text) : Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}
