import { printable } from '../../errors.ts'
import type { Erased } from '../../record/forget/forget.ts'
import type { Say } from '../../types.ts'
import { renderTable } from '../render/render-table.ts'
import { keyWord } from '../render/shell-word.ts'
import { countOf, numberOf } from '../render/words.ts'

/** What was found, and erased, of one person in one sync. */
export interface Forgotten {
  readonly sync: string
  readonly rows: readonly string[]
  readonly recordIds: readonly string[]
  readonly erased: readonly Erased[]
  /** Rows of which nobody knows whether HubSpot has them. */
  readonly unknown: readonly string[]
  /** Rows that the model still has: the next run sends them again. Null: it could not be looked at. */
  readonly inModel: readonly string[] | null
  /** Links of other rows of the sync that led to the person. */
  readonly linksOfOthers: number
  /** The model may still have rows that `start: now` takes as known: their keys are kept, so that they are never sent. */
  readonly keepsKnown: boolean
  readonly model: string | null
  /** Nothing but the row was looked for. */
  readonly isAlone?: true
}

/** What `backhaul forget` says: what was erased where, and what stays. */
export function renderForgotten(
  forgotten: readonly Forgotten[],
  isDry: boolean,
  deletedRows: string,
  key: unknown,
  say: Say,
): string {
  if (forgotten.length === 0) {
    return `Nothing is kept of ${key === undefined ? 'such a row' : `row ${printable(String(key))}`}.\n`
  }
  return [
    ...forgotten.flatMap((one) => [
      `${headOf(one, isDry)}:`,
      ...renderTable(
        one.erased.map(({ place, rows, what }) => ({ place, found: numberOf(rows), what })),
        70,
      ),
      '',
    ]),
    'What stays:',
    ...new Set(forgotten.flatMap((one) => renderRest(one, say))),
    '  changes: that something was done, when, in which run and with what outcome, so that counts stay right.',
    `  Warehouse: ${deletedRows}`,
    '  Logs and artifacts of other machines, and copies of these tables, are yours to look through.',
    '',
  ].join('\n')
}

function headOf({ sync, rows, erased }: Forgotten, isDry: boolean): string {
  const forgot = isDry ? 'Would forget' : 'Forgot'
  if (rows.length === 0) return `${forgot} what leads to the person from rows of ${sync}`
  const about = `${countOf(rows.length, 'row')} of ${sync} (${rows.map((row) => printable(row)).join(', ')})`
  return erased.every((one) => one.rows === 0)
    ? `Nothing is kept of ${about}`
    : `${forgot} ${about}`
}

function renderRest(forgotten: Forgotten, say: Say): readonly string[] {
  const { sync, rows, recordIds, unknown, inModel, linksOfOthers, keepsKnown, model } = forgotten
  const links =
    linksOfOthers === 0
      ? []
      : [
          `  ${sync}: ${countOf(linksOfOthers, 'link')} of its rows led to the person.${model === null ? '' : ` As long as ${model} names the person, the next run keeps such a link again.`}`,
        ]
  if (rows.length === 0) return links
  const records = [
    ...links,
    ...(forgotten.isAlone
      ? [
          '  A row of a list or of events is that row alone. Name the person by a row of a sync of records, or with --match.',
        ]
      : []),
    ...(recordIds.length === 0
      ? []
      : [
          `  HubSpot: ${recordIds.length === 1 ? 'record' : 'records'} ${recordIds.join(', ')} of ${sync}. Delete there what has to go.`,
        ]),
    ...unknown.map(
      (row) =>
        `  HubSpot: nobody knows whether it has a record of row ${printable(row)} of ${sync}. Look there.${model === null ? '' : ` The row is erased once that is settled: ${settling(say, sync, row)}`}`,
    ),
  ]
  if (model === null) return records
  if (inModel === null) return [...records, `  dbt: ${model} could not be looked at.`]
  if (keepsKnown) {
    return [
      ...records,
      `  dbt: ${model} still has ${countOf(inModel.length, 'such row')}. The key stays here where \`start: now\` keeps the row out of HubSpot. Delete at the source, build, and forget it once more.`,
    ]
  }
  return [
    ...records,
    inModel.length === 0
      ? `  dbt: ${model} has no such row any more; its sources and snapshots are not looked at.`
      : `  dbt: ${model} still has ${countOf(inModel.length, 'such row')}. The next run sends ${inModel.length === 1 ? 'it' : 'them'} again: delete at the source, and build.`,
  ]
}

/** The command that settles a row that is in doubt. */
export const settling = (say: Say, sync: string, row: string): string =>
  say(`resolve ${sync} ${keyWord(row)}`)
