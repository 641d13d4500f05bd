import { type Problem, UserError } from '../../errors.ts'
import { type BoundSync, bindSync, type Creates } from '../../plan/bind/bind.ts'
import { findColumn, isColumn } from '../../plan/columns.ts'
import type { ObjectSchema, Sync } from '../../types.ts'
import type { Column } from '../../warehouse/dialect.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import type { PreparedSync, RunContext } from '../context.ts'
import { eventsOfModel } from './event-schema.ts'

/** A sync that model and portal have nothing against. */
export interface CheckedSync extends Pick<PreparedSync, 'bound' | 'missing'> {
  readonly warnings: readonly Problem[]
  readonly advice: readonly Problem[]
  readonly costs: readonly Problem[]
}

/** Checks a sync against model and portal. Touches nothing. @throws UserError with every problem found */
export async function checkSync(
  context: Pick<RunContext, 'ledger'>,
  sync: Sync,
  schema: ObjectSchema,
  creates: Creates = 'as-said',
): Promise<CheckedSync> {
  const { warehouse } = context.ledger
  const columns = await columnsOf(warehouse, sync)
  const quote = (name: string) => warehouse.dialect.quote(name)
  const known = await knownEvents(warehouse, sync, schema, columns)
  const { bound, problems, warnings, advice, costs, missing } = bindSync(
    sync,
    known,
    columns,
    quote,
    creates,
  )
  if (bound === undefined) throw new UserError(problems)
  refuseTooMany(warehouse, sync, bound)
  return { bound, warnings, advice, costs, missing }
}

async function columnsOf(warehouse: Warehouse, sync: Sync): Promise<readonly Column[]> {
  const relation = sync.model.relationName
  const columns = relation === undefined ? undefined : await warehouse.columns(relation)
  if (columns !== undefined) return columns
  throw new UserError({
    message: `${relation ?? sync.model.name} does not exist in the warehouse`,
    hint: `Build it first: dbt build --select ${sync.model.name}`,
    sync: sync.name,
    where: sync.origin,
  })
}

/** Some engines cannot compile the statement of very many properties. */
function refuseTooMany(
  { dialect }: Warehouse,
  sync: Sync,
  { properties, templates = [] }: BoundSync,
): void {
  const { maxMappedProperties } = dialect.capabilities
  const mapped = properties.length + templates.length
  if (maxMappedProperties === undefined || mapped <= maxMappedProperties) return
  throw new UserError({
    message: `the sync maps ${mapped} properties; on ${dialect.name} one sync can map ${maxMappedProperties}`,
    hint: 'Split it into two syncs of the same model that map different properties.',
    sync: sync.name,
    key: 'properties',
    where: sync.origin,
  })
}

/** Where the model says which events its rows are, those are the ones to check. */
function knownEvents(
  warehouse: Warehouse,
  { event, model }: Sync,
  schema: ObjectSchema,
  columns: readonly Column[],
): Promise<ObjectSchema> | ObjectSchema {
  const relation = model.relationName
  const column = event?.name.kind === 'column' ? findColumn(event.name.column, columns) : undefined
  return relation !== undefined &&
    column !== undefined &&
    isColumn(column) &&
    column.family === 'text'
    ? eventsOfModel(warehouse, schema, { relation, column: column.name })
    : schema
}
