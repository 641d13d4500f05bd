import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { Problem } from '../../errors.ts'
import type { Origin } from '../../types.ts'
import type { Io } from '../command-line/io.ts'
import type { Annotation } from './workflow-commands.ts'

/** Errors that GitHub shows of one step, and as many warnings; the rest it drops unseen (same page). */
export const mostPerLevel = 10

/** Finds the file of a place as the repository knows it. */
export interface Workspace {
  /** Folder that the repository is in. */
  readonly root: string
  /** Folder that files of the project are named from. */
  readonly projectDir: string
}

export const workspaceOf = (
  { env, cwd }: Pick<Io, 'env' | 'cwd'>,
  projectDir: string,
): Workspace => ({
  root: env['GITHUB_WORKSPACE'] || cwd,
  projectDir,
})

/** What ended a command. */
interface Ending {
  readonly category: string
  readonly message: string
  readonly hint?: string
  readonly problems: readonly Problem[]
}

/** One thing that is wrong, at its place. */
export function annotateProblem(problem: Problem, workspace: Workspace): Annotation {
  const { message, hint, sync, key, where } = problem
  const subject = [...(sync === undefined ? [] : [`Sync ${sync}`]), ...(key ? [key] : [])]
  return {
    level: 'error',
    title: subject.length === 0 ? 'Backhaul' : subject.join(': '),
    message: hint === undefined ? message : `${message}\n${hint}`,
    ...placeOf(where, workspace),
  }
}

/** What ended a command, at the places that are wrong. */
export function annotateFailure(failure: Ending, workspace: Workspace): readonly Annotation[] {
  const { category, message, hint, problems } = failure
  // A defect's message is a stack.
  if (['INTERRUPTED', 'DEFECT'].includes(category)) return []
  if (problems.length > 0)
    return bounded(problems.map((problem) => annotateProblem(problem, workspace)))
  const text = hint === undefined ? message : `${message}\n${hint}`
  return [{ level: 'error', title: `Backhaul: ${category}`, message: text }]
}

export type Place = Pick<Annotation, 'file' | 'line' | 'column'>

export function placeOf(where: Origin | undefined, { root, projectDir }: Workspace): Place {
  if (where === undefined) return {}
  const file = relative(root, resolve(projectDir, where.file))
  if (file === '' || isAbsolute(file) || file.split(sep)[0] === '..') return {}
  return {
    file: file.replaceAll(sep, '/'),
    ...(where.line === undefined ? {} : { line: where.line }),
    ...(where.column === undefined ? {} : { column: where.column }),
  }
}

/** The first ones of each level; where more were to be said, the last says how many. */
export function bounded(
  annotations: readonly Annotation[],
  most = mostPerLevel,
): readonly Annotation[] {
  return (['error', 'warning'] as const).flatMap((level) => {
    const all = annotations.filter((one) => one.level === level)
    if (all.length <= most) return all
    const shown = all.slice(0, most - 1)
    const more = `${all.length - shown.length} more`
    return [...shown, { level, title: `Backhaul: ${more}`, message: `${more}: see the log.` }]
  })
}
