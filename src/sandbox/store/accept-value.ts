import { acceptDate, acceptDatetime } from './accept-date.ts'
import type { AcceptValue } from './accepted-value.ts'
import type { ExternalOptions, Property } from './property.ts'

/** HubSpot's longest text value, in characters. https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide */
const MAX_TEXT_LENGTH = 65_536

/** Chooses the check that belongs to a definition. */
export function acceptanceOf(property: Property, external: ExternalOptions): AcceptValue {
  const { name } = property
  if (property.modificationMetadata.readOnlyValue) {
    return () => ({
      message: `"${name}" is a read only property; its value cannot be set.`,
      error: 'READ_ONLY_VALUE',
      name,
    })
  }
  if (name === 'email') return acceptEmail(name)
  if (name === 'lifecyclestage') return onlyForward(acceptOption(property, external), property)
  switch (property.type) {
    case 'number':
      return acceptNumber(name)
    case 'bool':
      return acceptOneOf(name, () => BOOLEANS)
    case 'date':
      return acceptDate(name)
    case 'datetime':
      return acceptDatetime(name)
    case 'enumeration':
      return property.fieldType === 'checkbox'
        ? acceptSeveral(acceptOption(property, external))
        : acceptOption(property, external)
    default:
      return acceptText(name)
  }
}

const BOOLEANS: ReadonlySet<string> = new Set(['true', 'false'])
const EMAIL = /^[^\s@<>(),;:"[\]]+@[^\s@<>(),;:"[\]]+\.[^\s@<>(),;:"[\]]{2,}$/
const NUMBER = /^(-?)0*(\d*)(?:\.(\d*?)0*)?$/

function acceptText(name: string): AcceptValue {
  return (value) =>
    value.length > MAX_TEXT_LENGTH
      ? {
          message: `${name} is longer than ${MAX_TEXT_LENGTH} characters.`,
          error: 'TOO_LONG',
          name,
        }
      : value.trim()
}

function acceptEmail(name: string): AcceptValue {
  return (value) => {
    const email = value.trim().toLowerCase()
    if (EMAIL.test(email)) return email
    return { message: `Email address ${value} is invalid`, error: 'INVALID_EMAIL', name }
  }
}

function acceptNumber(name: string): AcceptValue {
  return (value) => {
    const parts = /\d/.test(value) ? NUMBER.exec(value) : null
    if (parts === null) {
      return { message: `${value} was not a valid number.`, error: 'INVALID_INTEGER', name }
    }
    const whole = parts[2] || '0'
    const fraction = parts[3] ? `.${parts[3]}` : ''
    const sign = whole === '0' && fraction === '' ? '' : parts[1]
    return `${sign}${whole}${fraction}`
  }
}

function acceptOption(property: Property, external: ExternalOptions): AcceptValue {
  if (property.externalOptions) return acceptOneOf(property.name, () => external(property))
  const allowed = new Set(property.options.map((option) => option.value))
  return acceptOneOf(property.name, () => allowed)
}

function acceptOneOf(name: string, allowed: () => ReadonlySet<string> | undefined): AcceptValue {
  return (value) => {
    const values = allowed()
    if (values === undefined || values.has(value)) return value
    const message = `${value} was not one of the allowed options: [${[...values].join(', ')}]`
    return { message, error: 'INVALID_OPTION', name }
  }
}

/** Multi-select: `a;b` replaces, a leading `;` appends. */
function acceptSeveral(acceptOne: AcceptValue): AcceptValue {
  return (value, current) => {
    const isAppend = value.startsWith(';')
    const chosen = new Set(isAppend && current ? current.split(';') : [])
    for (const part of value.split(';')) {
      if (part === '') continue
      const accepted = acceptOne(part, undefined)
      if (typeof accepted !== 'string') return accepted
      chosen.add(accepted)
    }
    return [...chosen].join(';')
  }
}

/**
 * `lifecyclestage` moves forward only: an earlier stage is ignored without an error, until it is cleared.
 * (HubSpot's contacts guide.)
 */
function onlyForward(accept: AcceptValue, property: Property): AcceptValue {
  const order = new Map(property.options.map((option, index) => [option.value, index]))
  return (value, current) => {
    const accepted = accept(value, current)
    if (typeof accepted !== 'string' || current === undefined) return accepted
    const isBackward = (order.get(accepted) ?? 0) < (order.get(current) ?? 0)
    return isBackward ? current : accepted
  }
}
