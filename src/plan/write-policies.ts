import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { allProperties, type DiffProperty, type DiffSpec, type MatchKind } from './diff-spec.ts'

/** Properties that are not always written, by their policy. */
export interface WritePolicies {
  readonly createOnly: readonly string[]
  readonly ifEmpty: readonly string[]
}

/** Undefined where every property is always written. */
export function policiesOf(
  spec: Pick<DiffSpec, 'properties' | 'templates'>,
): WritePolicies | undefined {
  const named = (write: DiffProperty['write']) =>
    allProperties(spec)
      .filter((property) => property.write === write)
      .map(({ name }) => name)
  const policies = { createOnly: named('create_only'), ifEmpty: named('if_empty') }
  return policies.createOnly.length + policies.ifEmpty.length === 0 ? undefined : policies
}

/**
 * Predicates on rows of a plan whose record is read before they are sent: by its match value, because nobody knows whether there is
 * one; or by its id, because a property of it goes only where it is empty. A row that would send no such property is not looked up.
 * Where records are searched for, the search tells whether there is one, and what it finds is read by its id.
 */
export function lookedUp(
  policies: WritePolicies | undefined,
  by: MatchKind | undefined,
): { readonly byMatch: Sql; readonly byId: Sql } {
  const { createOnly = [], ifEmpty = [] } = policies ?? {}
  if (by === 'search') {
    return {
      byMatch: raw('(1 = 0)'),
      byId: sql`(operation in ('update', 'upsert') and ${sendsAny(ifEmpty)})`,
    }
  }
  return {
    byMatch: sql`(record_id is null and operation = 'upsert' and ${sendsAny([...createOnly, ...ifEmpty])})`,
    byId: sql`(record_id is not null and operation = 'update' and ${sendsAny(ifEmpty)})`,
  }
}

/** Predicate on rows of a plan: they change one of these properties. */
export function sendsAny(names: readonly string[]): Sql {
  if (names.length === 0) return raw('1 = 0')
  const tests = names.map(
    (name) => sql`replace(changed_properties, ${JSON.stringify(name)}, '') <> changed_properties`,
  )
  return sql`(${join(tests, ' or ')})`
}
