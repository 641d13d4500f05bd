import type { DiffProperty, DiffSpec, StoredDiffSpec } from '../../src/plan/diff-spec.ts'
import type { Column, TypeFamily } from '../../src/warehouse/dialect.ts'

export const columnOf = (name: string, type: string, family: TypeFamily): Column => ({
  name,
  type,
  family,
})

export const propertyOf = (
  name: string,
  column: Column,
  kind: 'text' | 'number' | 'boolean' | 'date' | 'datetime' | 'multi' = 'text',
  rest: Partial<
    Pick<DiffProperty, 'nulls' | 'onInvalid' | 'options' | 'isClearable' | 'stages' | 'clearsFirst'>
  > = {},
): DiffProperty => ({
  name,
  source: { kind: 'column', column, wire: { kind } },
  nulls: 'clear',
  onInvalid: 'reject_row',
  ...rest,
})

const email = columnOf('email', 'text', 'text')

/** A contacts sync with one property of each kind of source; every part can be replaced. */
export function diffSpec(parts: Partial<DiffSpec> = {}): StoredDiffSpec {
  return {
    runId: 'run-1',
    relation: '"shop"."marts"."hubspot_contacts"',
    filters: [],
    keyColumns: [columnOf('customer_id', 'integer', 'integer')],
    match: {
      by: 'unique',
      property: 'email',
      column: email,
      wire: { kind: 'text' },
      foldsCase: true,
    },
    properties: [
      propertyOf('amount', columnOf('Total "net"', 'numeric', 'decimal'), 'number'),
      propertyOf('email', email, 'text', { nulls: 'keep' }),
      {
        name: 'lifecyclestage',
        source: { kind: 'value', value: 'customer' },
        nulls: 'clear',
        onInvalid: 'reject_row',
        options: ['lead', 'customer'],
      },
    ],
    mode: 'upsert',
    onDelete: 'nothing',
    auditValues: 'full',
    seed: 'seed',
    state: { schema: 'marts_backhaul', name: 'state__contacts' },
    plan: { schema: 'marts_backhaul', name: 'plan__contacts' },
    hasRepeatedKeys: false,
    hasRepeatedMatches: false,
    isFullRefresh: false,
    ...parts,
  }
}
