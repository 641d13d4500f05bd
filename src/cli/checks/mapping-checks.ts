import type { Ledger } from '../../record/ledger.ts'
import { checkSync } from '../../run/prepare/check-sync.ts'
import { checkWhere } from '../../run/prepare/where-check.ts'
import type { ObjectSchema, Sync } from '../../types.ts'
import type { Checklist } from '../checklist.ts'
import { countOf } from '../render/words.ts'

/** What the checks before have found: whatever is missing has been reported there. */
export interface MappingFacts {
  readonly ledger: Ledger | undefined
  /** `unique_id` of the models that can be read. */
  readonly readable: ReadonlySet<string>
  /** Object types by the name of the sync. */
  readonly schemas: ReadonlyMap<string, ObjectSchema>
}

/** What a sync writes: properties, links, or members of a list. */
function describeMappings({ list, mappings, associations }: Sync): string {
  if (list !== undefined) {
    const { target } = list
    return `members of list ${target.kind === 'name' ? target.name : target.listId}`
  }
  const links = associations.length === 0 ? '' : `, ${countOf(associations.length, 'association')}`
  return `${countOf(mappings.length, 'property', 'properties')}${links}`
}

/** Columns, properties and filter of each sync, as `validate` checks them. */
export async function checkMappings(
  { ledger, readable, schemas }: MappingFacts,
  syncs: readonly Sync[],
  list: Checklist,
): Promise<void> {
  if (syncs.length === 0) return list.skip('mappings', 'no sync is selected')
  for (const sync of syncs) {
    const schema = schemas.get(sync.name)
    if (ledger === undefined || schema === undefined || !readable.has(sync.model.uniqueId)) {
      list.skip('mappings', `${sync.name}: model and object are needed first`)
      continue
    }
    await list.attempt('mappings', async () => {
      await checkSync({ ledger }, sync, schema)
      await checkWhere(ledger.warehouse, sync)
      list.ok('mappings', `${sync.name}: ${describeMappings(sync)}`)
    })
  }
}
