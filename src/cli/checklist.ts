import type { Problem } from '../errors.ts'
import { DestinationError, formatProblem, UserError, WarehouseError } from '../errors.ts'
import { hideSecrets } from '../project/secrets.ts'
import type { Io } from './command-line/io.ts'
import { paintFor } from './render/paint.ts'

export interface Check {
  readonly check: string
  readonly status: 'ok' | 'error' | 'skip'
  readonly detail: string
  readonly hint?: string
}

/** What `debug` reports to: prints each check as soon as it is decided. */
export interface Checklist {
  ok(check: string, detail: string): void
  /** Not looked at, or nothing to look at. */
  skip(check: string, why: string): void
  error(check: string, detail: string, hint?: string): void
  problems(check: string, problems: readonly Problem[]): void
  /** Runs one check; what it throws is its result. Defects are thrown on. */
  attempt<T>(check: string, work: () => Promise<T>): Promise<T | undefined>
  /** Texts that are blotted out from now on. */
  hide(secrets: readonly string[]): void
  readonly checks: readonly Check[]
}

const width = 16
const tags = { ok: '[OK]', error: '[ERROR]', skip: '[SKIP]' } as const
const colours = { ok: 'green', error: 'red', skip: 'yellow' } as const

/** @param isShown false: nothing is printed, for `--output json` */
export function createChecklist(io: Io, isShown: boolean): Checklist {
  const paint = paintFor(io.usesColours)
  const checks: Check[] = []
  let secrets: readonly string[] = []
  const add = (given: Check) => {
    const detail = hideSecrets(given.detail, secrets)
    const hint = given.hint === undefined ? {} : { hint: hideSecrets(given.hint, secrets) }
    const check = { ...given, detail, ...hint }
    checks.push(check)
    if (isShown)
      io.stdout(`${paint[colours[check.status]](tags[check.status].padEnd(8))}${text(check)}`)
  }
  const error = (check: string, detail: string, hint?: string) =>
    add({ check, status: 'error', detail, ...(hint === undefined ? {} : { hint }) })
  const problems = (check: string, all: readonly Problem[]) => {
    for (const { hint, ...problem } of all) error(check, formatProblem(problem), hint)
  }
  return {
    checks,
    ok: (check, detail) => add({ check, status: 'ok', detail }),
    skip: (check, why) => add({ check, status: 'skip', detail: why }),
    error,
    problems,
    async attempt(check, work) {
      try {
        return await work()
      } catch (thrown) {
        if (thrown instanceof UserError) problems(check, thrown.problems)
        else if (thrown instanceof WarehouseError || thrown instanceof DestinationError) {
          error(check, thrown.message, thrown.hint)
        } else throw thrown
        return undefined
      }
    },
    hide(more) {
      secrets = more
    },
  }
}

/** The rest of the line, and the hint indented below it. */
function text({ check, detail, hint }: Check): string {
  const indent = ' '.repeat(8 + width)
  const lines = [...detail.split('\n'), ...(hint === undefined ? [] : hint.split('\n'))]
  return `${check.padEnd(width)}${lines.join(`\n${indent}`)}\n`
}

/** dbt's closing line, and ours when something is wrong. */
export function closingLine(checks: readonly Check[]): string {
  const failed = checks.filter((check) => check.status === 'error').length
  if (failed === 0) return 'All checks passed!'
  return `${failed} ${failed === 1 ? 'check' : 'checks'} failed`
}
