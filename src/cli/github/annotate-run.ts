import type { Origin } from '../../types.ts'
import type { RunResults, SyncResult } from '../artifacts/artifacts.ts'
import { describeReason } from '../render/reasons.ts'
import { countOf } from '../render/words.ts'
import {
  annotateProblem,
  bounded,
  mostPerLevel,
  type Place,
  placeOf,
  type Workspace,
} from './annotations.ts'
import type { Annotation } from './workflow-commands.ts'

/** What GitHub shows of a run, at the YAML of its syncs: what failed, then what was rejected, by size. */
export function annotateRun(
  results: Pick<RunResults, 'results' | 'error'>,
  originOf: (sync: string) => Origin | undefined,
  workspace: Workspace,
): readonly Annotation[] {
  const at = (sync: string) => placeOf(originOf(sync), workspace)
  const { error } = results
  const ended = results.results
    .filter((result) => result.error?.message !== error?.message || error === null)
    .flatMap((result) => annotateEnd(result, at(result.sync), workspace))
  const rejected = results.results
    .flatMap((result) => result.rejects.map((group) => ({ result, group })))
    .sort((a, b) => b.group.rows - a.group.rows)
    .map(({ result, group }): Annotation => {
      const { sync, status } = result
      const { meaning, advice } = describeReason(group.category, group.property)
      const rows = countOf(group.rows, group.isLink ? 'link' : 'row')
      const property = group.property === null ? '' : ` (${group.property})`
      return {
        level: status === 'succeeded' ? 'warning' : 'error',
        title: `Sync ${sync}: ${rows} rejected, ${group.category}`,
        message: `${meaning}${property}. ${advice}`,
        ...at(sync),
      }
    })
  // What ended the run is an error of its own, told after these.
  return bounded([...ended, ...rejected], mostPerLevel - (error === null ? 0 : 1))
}

/** How a sync ended, where that is nobody's wish; of one that cannot be run each problem at its own place. */
function annotateEnd(
  { sync, status, error, problems }: SyncResult,
  place: Place,
  workspace: Workspace,
): readonly Annotation[] {
  if (problems.length > 0) return problems.map((problem) => annotateProblem(problem, workspace))
  // Told by the reasons of the rows.
  if (error === null || error.category === 'ROWS_REJECTED') return []
  const level = status === 'held' && error.hint === undefined ? 'warning' : 'error'
  const message = error.hint === undefined ? error.message : `${error.message}\n${error.hint}`
  return [{ level, title: `Sync ${sync}: ${status}`, message, ...place }]
}
