import { SandboxUsageError } from '../usage-error.ts'
import { problemsMessage } from './check-values.ts'
import type { ObjectType, StoredRecord, Values } from './object-type.ts'
import { findConflict } from './records.ts'

/**
 * Checks values that are put into the store past the API. Unlike a write, a seed may set read-only
 * properties.
 *
 * @param record the record they are for; nothing for a new one
 * @throws SandboxUsageError for unknown properties, bad values and taken unique values
 */
export function seedValues(
  type: ObjectType,
  sent: Readonly<Record<string, string>>,
  record?: StoredRecord,
): Values {
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(sent)) {
    const property = type.properties.get(name)
    if (property === undefined) {
      throw new SandboxUsageError(`There is no property "${name}" of ${type.name}.`)
    }
    const isReadOnly = property.definition.modificationMetadata.readOnlyValue
    const accepted = isReadOnly || value === '' ? value : property.accept(value, undefined)
    if (typeof accepted !== 'string') throw new SandboxUsageError(problemsMessage([accepted]))
    if (accepted !== '' || record !== undefined) values[name] = accepted
  }
  const conflict = findConflict(type, values, record)
  if (conflict === undefined) return values
  throw new SandboxUsageError(
    `${type.name} ${conflict.existing.id} already has ${conflict.property} ${conflict.value}.`,
  )
}
