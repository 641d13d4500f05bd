import { UserError } from '../errors.ts'
import { isUnique, searchable } from '../plan/bind/bind-match.ts'
import { findColumn, isColumn } from '../plan/columns.ts'
import { didYouMean } from '../suggest.ts'
import type { ObjectSchema, PropertySchema } from '../types.ts'
import type { Column } from '../warehouse/dialect.ts'
import type { ProposedMapping } from './propose-mapping.ts'

/** How records are found: `property` is `hs_object_id` where the column holds their ids. */
export interface MatchAnswer {
  readonly property: string
  readonly column: Column
  /** Not `unique`: found by a search, or by the id. */
  readonly by: 'unique' | 'search' | 'id'
}

/**
 * Reads `email: email_address`, with `=` as well, or one word that names property, column or both.
 *
 * @param mappings what is proposed, which says which column a property has and the other way round
 * @throws UserError for what is neither, and for a property that no record can be found by
 */
export function readMatch(
  answer: string,
  columns: readonly Column[],
  schema: ObjectSchema,
  mappings: readonly ProposedMapping[],
): MatchAnswer {
  const [left = '', right] = answer.split(/\s*[:=]\s*/, 2)
  const [propertyName, columnName] = right === undefined ? fromWord(left, mappings) : [left, right]
  const found = findColumn(columnName, columns)
  if (!isColumn(found)) throw new UserError(found)
  if (['id', 'hs_object_id'].includes(propertyName)) {
    return { property: 'hs_object_id', column: found, by: 'id' }
  }
  const property = schema.properties.get(propertyName)
  if (property === undefined) {
    throw new UserError({
      message: `HubSpot has no ${schema.name} property ${propertyName}`,
      hint: `${didYouMean(propertyName, uniqueNames(schema))} Write it as \`property: column\`.`,
    })
  }
  return { property: property.name, column: found, by: wayOf(schema, property) }
}

function fromWord(
  word: string,
  mappings: readonly ProposedMapping[],
): readonly [property: string, column: string] {
  const fold = (name: string) => name.toLowerCase()
  const mapped =
    mappings.find(({ property }) => property.name === word) ??
    mappings.find(({ column }) => fold(column.name) === fold(word))
  return mapped === undefined ? [word, word] : [mapped.property.name, mapped.column.name]
}

function wayOf(schema: ObjectSchema, property: PropertySchema): 'unique' | 'search' {
  if (isUnique(schema, property)) return 'unique'
  if (searchable.includes(property.type)) return 'search'
  throw new UserError({
    message: `no ${schema.name} record can be found by ${property.name}, which is of type ${property.type}`,
    hint: `Unique properties: ${uniqueNames(schema).join(', ') || 'none'}.`,
  })
}

/** Properties that find one record at most. */
export const uniqueNames = (schema: ObjectSchema): readonly string[] =>
  [...schema.properties.values()]
    .filter((property) => isUnique(schema, property))
    .map(({ name }) => name)
    .sort()
