import { type Problem, UserError } from '../../errors.ts'
import { bindSync } from '../../plan/bind/bind.ts'
import { findTargetList } from '../../run/members/list.ts'
import { parseTemplate } from '../../template/parse-template.ts'
import type { Mapping, ObjectSchema, RecordTarget, Sync } from '../../types.ts'
import type { Column } from '../../warehouse/dialect.ts'
import type { askingOf } from '../run/asking.ts'

/**
 * What HubSpot has against a sync where no warehouse is asked.
 *
 * @param warnings collects what is only worth knowing
 * @throws UserError with every problem found
 */
export async function checkWithoutWarehouse(
  asking: ReturnType<typeof askingOf>,
  sync: Sync,
  schema: ObjectSchema,
  warnings: Problem[],
): Promise<void> {
  warnings.push(...checkMappings(sync, schema))
  if (sync.list === undefined) return
  // By the name that the sync says: which list an earlier run made is in the warehouse, and so is whether it did.
  const own = { ...sync.list, adopts: true }
  const list = await findTargetList(asking, sync, own, schema, undefined, [])
  warnings.push(...list.warnings)
}

/**
 * Checks a sync against its object: the columns that it names are taken to be there, and to hold what is wanted of them.
 *
 * @returns what is only worth knowing
 * @throws UserError with every problem found
 */
export function checkMappings(sync: Sync, schema: ObjectSchema): readonly Problem[] {
  const quote = (name: string) => `"${name}"`
  const asked = ofUnnamedEvents(sync, schema)
  const bound = bindSync(sync, asked, wantedColumns(sync, asked), quote)
  if (bound.problems.length > 0) throw new UserError(bound.problems)
  return [...bound.warnings, ...bound.advice, ...bound.costs]
}

/** Which of the portal's events a column names is in the warehouse: nothing is held against those that it may not name. */
const ofUnnamedEvents = ({ event }: Sync, schema: ObjectSchema): ObjectSchema =>
  event?.name.kind !== 'column' || schema.events === undefined
    ? schema
    : { ...schema, events: { ...schema.events, known: [] } }

/** Each column that the sync names, once. */
function wantedColumns(sync: Sync, schema: ObjectSchema): readonly Column[] {
  const { event, list, match, model, start } = sync
  const epochs = new Set<string>()
  const noteEpoch = (column: string, as: string | undefined) => {
    if (as === 'epoch_s' || as === 'epoch_ms') epochs.add(column.toLowerCase())
  }
  for (const { source } of sync.mappings) {
    if (source.kind === 'column') noteEpoch(source.column, source.as)
  }
  if (event?.occurredAt !== undefined) noteEpoch(event.occurredAt.column, event.occurredAt.as)
  const names = [
    ...sync.primaryKey,
    ...sync.mappings.flatMap(columnsOf),
    ...(match === undefined ? [] : [match.column]),
    ...(start?.kind === 'from' ? [start.column] : []),
    ...(event?.name.kind === 'column' ? [event.name.column] : []),
    ...(event?.occurredAt === undefined ? [] : [event.occurredAt.column]),
    ...(event === undefined ? [] : targetColumns(event.about)),
    ...(list === undefined ? [] : targetColumns(list.about)),
    ...sync.associations.flatMap(({ target, labels, key }) => [
      ...targetColumns(target),
      ...(labels?.kind === 'column' ? [labels.column] : []),
      ...(labels?.kind === 'either' && !isLabel(schema, key, labels.text) ? [labels.text] : []),
    ]),
    ...(model.currentRows === undefined ? [] : [model.currentRows.validToColumn]),
    ...(model.currentRows?.deletedColumn === undefined ? [] : [model.currentRows.deletedColumn]),
  ]
  const distinct = new Map(names.map((name) => [name.toLowerCase(), name]))
  return [...distinct].map(([folded, name]) =>
    epochs.has(folded)
      ? { name, type: 'bigint', family: 'integer' }
      : { name, type: 'text', family: 'text' },
  )
}

function columnsOf({ source }: Mapping): readonly string[] {
  if (source.kind === 'column') return [source.column]
  if (source.kind !== 'template') return []
  const parsed = parseTemplate(source.template)
  return parsed.ok ? parsed.reads.map(({ name }) => name) : []
}

const targetColumns = (
  target: RecordTarget | Sync['associations'][number]['target'],
): readonly string[] => (target.kind === 'sync' ? target.key : [target.column])

const isLabel = (schema: ObjectSchema, key: string, text: string): boolean =>
  (schema.linked?.get(key)?.types ?? []).some(
    ({ label }) => label?.trim().toLowerCase() === text.trim().toLowerCase(),
  )
