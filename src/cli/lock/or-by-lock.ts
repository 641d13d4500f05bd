import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Problem } from '../../errors.ts'
import { LOCK_FILE } from './options.ts'

/** That there is no token, with what can be done without one where there is a lock. */
export function orByLock(problem: Problem, projectDir: string | undefined): Problem {
  if (projectDir === undefined || !existsSync(join(projectDir, LOCK_FILE))) return problem
  const lock = `\`backhaul validate\` and \`backhaul plan\` need none: they read ${LOCK_FILE}.`
  return { ...problem, hint: [problem.hint, lock].filter((part) => part !== undefined).join(' ') }
}
