import { allProperties } from '../plan/diff-spec.ts'
import type { ComparedProperty } from '../resolve/adopt-values.ts'
import type { PreparedSync } from './context.ts'

/** Mapped properties, and how what they hold compares with what a row says. */
export function comparedProperties({
  bound,
  schema,
}: Pick<PreparedSync, 'bound' | 'schema'>): readonly ComparedProperty[] {
  const { match } = bound
  return allProperties(bound).map(({ name, write, isEmail }): ComparedProperty => {
    const property = schema.properties.get(name)
    return {
      name,
      type: property?.type ?? 'string',
      isMulti: property?.type === 'enumeration' && property.fieldType === 'checkbox',
      foldsCase: isEmail === true || (match?.isDomain === true && match.property === name),
      write: write ?? 'always',
    }
  })
}
