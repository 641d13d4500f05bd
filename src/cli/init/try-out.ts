import { existsSync, readFileSync } from 'node:fs'
import type { Block } from '../../config/merge.ts'
import { resolveSyncs } from '../../config/resolve-syncs.ts'
import { type Problem, UserError } from '../../errors.ts'
import type { ProposedMapping } from '../../init/propose-mapping.ts'
import { blockOf, type NewSync } from '../../init/sync-block.ts'
import { checkSync } from '../../run/prepare/check-sync.ts'
import { schemaReader } from '../../run/prepare/schema-reader.ts'
import type { Model, ObjectSchema } from '../../types.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import { ledgerOf } from '../connect-warehouse.ts'
import type { LoadedSyncs } from '../load-syncs.ts'
import type { Portal } from './portal.ts'

/** What a sync has to fit. */
export interface SyncPlace {
  readonly portal: Portal
  readonly warehouse: Warehouse
  readonly loaded: LoadedSyncs
  readonly model: Model
  /** The value of `meta.hubspot` that the model has already. */
  readonly existing: unknown
}

export const nameOf = ({ property }: ProposedMapping): string => property.name

/** What HubSpot wants of each new record, and nothing is mapped to. */
export function lackingOf(schema: ObjectSchema, mapped: readonly string[]): string | undefined {
  const { requiredProperties, requiredOneOf = [] } = schema
  const groups = [...requiredProperties.map((name) => [name]), requiredOneOf]
  const lacking = groups.filter(
    (group) => group.length > 0 && !group.some((name) => mapped.includes(name)),
  )
  return lacking.length === 0 ? undefined : lacking.map((group) => group.join(' or ')).join(', ')
}

/**
 * Reads the sync as `plan` will, before it is written. Lines of the mapping that something is wrong with are left out; what else is
 * wrong stays to be told.
 */
export async function tryOut(place: SyncPlace, draft: NewSync, schema: ObjectSchema) {
  const first = await problemsOf(place, draft)
  const blamed = (mapping: ProposedMapping) =>
    first.find(({ key }) => key === `properties.${nameOf(mapping)}`)
  const leftOut = draft.mappings.flatMap((mapping) => {
    const problem = blamed(mapping)
    return problem === undefined ? [] : [{ column: mapping.column, why: problem.message }]
  })
  if (leftOut.length === 0) return { sync: draft, problems: first, leftOut }
  const mappings = draft.mappings.filter((mapping) => blamed(mapping) === undefined)
  const required = lackingOf(schema, [draft.match.property, ...mappings.map(nameOf)])
  const sync: NewSync = {
    ...draft,
    mappings,
    ...(required === undefined ? {} : { mode: 'update' }),
  }
  return { sync, problems: await problemsOf(place, sync), leftOut }
}

async function problemsOf(place: SyncPlace, draft: NewSync): Promise<readonly Problem[]> {
  const { loaded, model, portal, warehouse, existing } = place
  const { session } = portal
  const block: Block = blockOf(draft)
  const hubspot = existing === undefined ? block : [...[existing].flat(), block]
  const tried: Model = { ...model, meta: { ...model.meta, hubspot } }
  const models = new Map([...loaded.manifest.models, [model.uniqueId, tried]])
  const { syncs, attributed } = resolveSyncs(
    { ...loaded.manifest, models },
    {
      projectDir: session.project.projectDir,
      readFile: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
      overrides: session.project.settings.syncs,
    },
  )
  const own = attributed.filter(({ problem }) =>
    [problem.sync, problem.otherSync].includes(draft.name),
  )
  const sync = syncs.find(({ name }) => name === draft.name)
  if (own.length > 0 || sync === undefined) return own.map(({ problem }) => problem)
  try {
    await checkSync(
      { ledger: ledgerOf(session, warehouse) },
      sync,
      await schemaReader(portal.asking, syncs)(sync),
    )
    return []
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return error.problems
  }
}
