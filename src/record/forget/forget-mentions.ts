import type { Dialect } from '../../warehouse/dialect.ts'
import { raw, type Sql, sql } from '../../warehouse/sql.ts'
import { any, holds, isAmong } from './forget-conditions.ts'
import type { Person, Traces } from './forget-person.ts'

/** Texts that name a person: bodies of requests, and messages. */

/** Request bodies that hold the person: of the calls that decided, and wherever record or match value stand. */
export function hasBody(changes: Sql, isRow: Sql, { recordIds, matchValues, plans }: Traces): Sql {
  const holding = [
    ...matchValues.map((value) => JSON.stringify(value).slice(1, -1)),
    ...recordIds.flatMap(inJson),
  ].flatMap((text) => [holds('request_body', text), holds('response_body', text)])
  const decided = sql`request_id in (select request_id from ${changes} where ${isRow} and request_id is not null)`
  // Without either, the runs that met the row are all that is known.
  const unnamed =
    holding.length > 0
      ? []
      : [
          sql`run_id in (select run_id from ${changes} where ${isRow})`,
          isAmong('run_id', [...new Set(plans.map(({ runId }) => runId))]),
        ]
  return any([decided, ...holding, ...unnamed])
}

/** An id as JSON holds it: as text, or in answers about links as a number. */
const inJson = (id: string): readonly string[] => [
  `"${id}"`,
  ...[':', ',', '['].flatMap((before) => [',', '}', ']'].map((after) => before + id + after)),
]

/** Messages of ours that name a row, as `record/` and the run write them; and any with its match value, or the id of its record. */
export function mentions(
  dialect: Dialect,
  { rowIds, elsewhere }: Person,
  { matchValues, recordIds }: Traces,
): Sql {
  const waiting = elsewhere.flatMap(({ syncName, rowIds: theirs }) =>
    theirs.map((rowId) => `Row ${rowId} of sync ${syncName} has no record in HubSpot yet.`),
  )
  const own = rowIds.flatMap((rowId) => [
    `Row ${rowId} of the model has the same match value.`,
    `The record of this match value belongs to row ${rowId}: one record, one row.`,
    `HubSpot still has this match value on the record of row ${rowId}.`,
    `HubSpot still has this match value on the record of row ${rowId}, or may have it.`,
    `The record stays for row ${rowId}, which has its match value now.`,
    `The record stays for row ${rowId}, which is bound to it.`,
    `The member stays for row ${rowId}, which is the same record.`,
  ])
  const parts = rowIds.flatMap((rowId) => [
    ` already belongs to row ${rowId}: one record, one row.`,
    ` It is the record of row ${rowId} of this sync.`,
    ` must be unique, and row ${rowId} of the model has it, too`,
  ])
  return any([
    isAmong('error_message', [...own, ...waiting]),
    ...[...parts, ...matchValues].map((text) => holds('error_message', text)),
    ...recordIds.map((recordId) => dialect.matches(raw('error_message'), wholeNumber(recordId))),
  ])
}

/** Some engines match the whole text, and a dot is no line break. */
const wholeNumber = (digits: string): string => `^(([^a]|a)*[^0-9])?${digits}([^0-9]([^a]|a)*)?$`
