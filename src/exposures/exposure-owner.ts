import type { DbtOwner, Group, Model } from '../types.ts'

/** What dbt shows where nobody is named: it wants an owner of every exposure. */
export const NO_OWNER: DbtOwner = { name: 'Not set' }

/** The model's `meta.owner`, else the owner of its dbt group. */
export function ownerOf(model: Model, groups: readonly Group[]): DbtOwner | undefined {
  const group = groups.find(
    ({ name, packageName }) => name === model.group && packageName === model.packageName,
  )
  const ofGroup = group === undefined ? undefined : readOwner(group.owner)
  return readOwner(model.meta['owner']) ?? ofGroup
}

/**
 * An owner as people write one: an address, a name, `Name <address>`, a mapping with `name` and `email`, or a list of
 * those, of which the first counts. Undefined for anything else.
 */
export function readOwner(value: unknown): DbtOwner | undefined {
  if (Array.isArray(value)) return value.map(readOwner).find((owner) => owner !== undefined)
  if (typeof value === 'string') return readOwnerText(value)
  if (typeof value !== 'object' || value === null) return undefined
  const { name, email } = value as Readonly<Record<string, unknown>>
  const byName = typeof name === 'string' ? oneLine(name) : ''
  const byEmail = typeof email === 'string' ? oneLine(email) : ''
  return owner(byName, byEmail)
}

function readOwnerText(value: string): DbtOwner | undefined {
  const text = oneLine(value)
  const [, name = '', email = ''] = /^(.*?)\s*<([^<>\s]+@[^<>\s]+)>$/.exec(text) ?? []
  if (email !== '') return owner(name, email)
  return /^\S+@\S+$/.test(text) ? owner('', text) : owner(text, '')
}

function owner(name: string, email: string): DbtOwner | undefined {
  if (name === '' && email === '') return undefined
  return { ...(name === '' ? {} : { name }), ...(email === '' ? {} : { email }) }
}

const oneLine = (text: string): string => text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()
