import type { Problem } from '../../errors.ts'
import type { Sync } from '../../types.ts'
import type { Column, TypeFamily } from '../../warehouse/dialect.ts'
import type { DiffLink } from '../diff-spec.ts'
import { didYouMeanOne, type LinkContext, listFamilies } from './bind-link-context.ts'
import { isContactEmail, isUnique, searchable } from './bind-match.ts'
import { isUntold, untoldProperty } from './missing-property.ts'

/** How the record at the other end of a link is found. */

const idFamilies: readonly TypeFamily[] = ['text', 'integer', 'decimal', ...listFamilies]

export function targetOf(context: LinkContext): DiffLink['target'] | undefined {
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
  { other, tell }: LinkContext,
  name: string,
  column: Column | undefined,
): DiffLink['target'] | undefined {
  const property = other.properties.get(name)
  if (isUntold(other, name)) {
    tell(`match.${name}`, untoldProperty(other, name))
    return undefined
  }
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

export function searchCost(sync: Sync, { association, other }: LinkContext): Problem {
  const property = association.target.kind === 'match' ? association.target.property : ''
  return {
    message: `HubSpot does not treat ${other.name} property ${property} as unique: the records that links lead to are found by search, 5 searches a second, and a link that finds several is rejected`,
    hint: `Link to the rows of another sync (\`sync:\`), which costs no call, or by a property with unique values.`,
    sync: sync.name,
    key: `${association.key}.match`,
    where: association.origin,
  }
}
