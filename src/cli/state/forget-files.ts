import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Erased } from '../../record/forget/forget.ts'
import type { Person, Traces } from '../../record/forget/forget-person.ts'
import { eraseFromSpools } from '../../record/spool.ts'
import { outputFolder, type Session } from '../session.ts'
import { eraseFromResults, erasePlanOf } from './erase-from-results.ts'

/** Our own files below dbt's target folder, on this machine. */
export function eraseFiles(
  session: Session,
  { rowIds }: Person,
  { recordIds, matchValues, plans }: Traces,
  isDry: boolean,
): readonly Erased[] {
  const folder = outputFolder(session.project)
  const records = new Set(recordIds)
  const isMeant = (runId: string, result: { sequence: number; recordId?: string }) =>
    plans.some((plan) => plan.runId === runId && plan.sequence === result.sequence) ||
    (result.recordId !== undefined && records.has(result.recordId))
  return [
    {
      place: 'target/backhaul/spool',
      what: 'lines taken out, on this machine',
      rows: eraseFromSpools(join(folder, 'spool'), isMeant, isDry),
    },
    {
      place: 'target/backhaul/run_results.json',
      what: 'keys and match values replaced, on this machine',
      rows: eraseFromResults(folder, { rowIds, matchValues }, isDry),
    },
  ]
}

/** `plan.json`, where it tells of any of the person's rows. */
export function removePlan(
  session: Session,
  people: readonly Person[],
  { matchValues }: Traces,
  isDry: boolean,
): Erased {
  const rowIds = people.flatMap((person) => person.rowIds)
  return {
    place: 'target/backhaul/plan.json',
    what: 'the file is removed, on this machine',
    rows: erasePlanOf(outputFolder(session.project), { rowIds, matchValues }, isDry),
  }
}

/** The page that `backhaul report` wrote, and what commands that were cut off left unfinished: nobody knows whom they show. */
export function removeReports(session: Session, isDry: boolean): readonly Erased[] {
  const folder = outputFolder(session.project)
  const pages = existsSync(folder)
    ? readdirSync(folder).filter((name) => name === 'report.html' || name.endsWith('.part'))
    : []
  if (!isDry) for (const name of pages) rmSync(join(folder, name))
  return pages.map((name) => ({
    place: `target/backhaul/${name}`,
    what: `deleted, on this machine${name === 'report.html' ? '; backhaul report writes it anew' : ''}`,
    rows: 1,
  }))
}
