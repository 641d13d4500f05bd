import type { Alert } from '../alert/alert.ts'
import { type AlertInput, alertSchema } from '../config/alert-schema.ts'
import { check, type Finding, kindOf, valueAt } from '../config/check.ts'
import type { Problem } from '../errors.ts'
import { spanMs, toAlert } from './alert-channel.ts'
import { alertEntries, blankJinja, isJinja } from './alert-entries.ts'
import { writtenProblems } from './alert-problems.ts'
import { keepSecrets, type TravelContext, unsafe } from './alert-secrets.ts'
import type { JinjaScope } from './jinja.ts'
import { type Path, renderBelow, type YamlDocument } from './yaml-document.ts'

/** An entry of `alerts:` with its secrets, or why it cannot be used. */
export type ConfiguredAlert =
  | { readonly name: string; readonly targets: readonly string[]; readonly alert: Alert }
  | {
      readonly name: string
      readonly alert?: never
      readonly targets: readonly string[]
      readonly problems: readonly Problem[]
    }

interface Context extends TravelContext {
  readonly scope: JinjaScope
  /** Targets of alerts that name none. */
  readonly writingTargets: readonly string[]
  /** How long it is known when a sync last got through. */
  readonly retentionDays: number
}

/**
 * Reads `alerts:`. What is wrong with it whatever the variables are is a problem of the file. A variable that is not set, or
 * holds what cannot be used, is a problem of that alert alone: runs go on without it.
 */
export function readAlerts(context: Context, problems: Problem[]): readonly ConfiguredAlert[] {
  const { document } = context
  const written = valueAt(document.value, ['alerts'])
  if (written !== undefined && written !== null && !Array.isArray(written)) {
    const message = `must be a list, not ${kindOf(written)}`
    problems.push({ message, where: document.at(['alerts']), key: 'alerts' })
  }
  const names = new Set<string>()
  return alertEntries(document).flatMap((entry, index) => {
    const at: Path = ['alerts', index]
    const checked = check(alertSchema, blankJinja(entry), kindOf)
    if (!checked.ok) {
      problems.push(...placed(checked.findings, at, document))
      return []
    }
    const { name } = checked.value
    const found = [
      ...writtenProblems(checked.value, at, document),
      ...(isJinja(valueAt(entry, ['stale_after'])) ? [] : forgotten(checked.value, at, context)),
    ]
    if (isJinja(valueAt(entry, ['name']))) {
      const message = 'must be written as it is: what the alert has told is kept under it'
      found.push({ message, where: document.at([...at, 'name']), key: [...at, 'name'].join('.') })
    } else if (names.has(name)) {
      const message = `Two alerts are called ${name}`
      found.push({ message, where: document.at([...at, 'name']), key: 'alerts' })
    }
    names.add(name)
    problems.push(...found)
    return found.length > 0 ? [] : [render(entry, checked.value, at, context)]
  })
}

function placed(
  findings: readonly Finding[],
  at: Path,
  document: YamlDocument,
): readonly Problem[] {
  return findings.map(({ path, message, hint }) => {
    const whole = [...at, ...path]
    const problem = { message, where: document.at(whole), key: whole.join('.') }
    // YAML 1.1 reads the word `on` as true.
    if (message === 'unknown key' && path.at(-1) === 'true') {
      return { ...problem, hint: 'YAML reads `on` as true; the key is `when`.' }
    }
    return hint === undefined ? problem : { ...problem, hint }
  })
}

/** Older runs are deleted, and with them what would be late. */
function forgotten(
  { stale_after: staleAfter }: AlertInput,
  at: Path,
  { document, retentionDays }: Context,
): readonly Problem[] {
  if (staleAfter === undefined || spanMs(staleAfter) < retentionDays * 24 * 3_600_000) return []
  const path = [...at, 'stale_after']
  return [
    {
      message: `must be shorter than audit.retention_days (${retentionDays}): older runs are deleted, and nobody could tell`,
      where: document.at(path),
      key: path.join('.'),
    },
  ]
}

function render(entry: unknown, written: AlertInput, at: Path, context: Context): ConfiguredAlert {
  const { document, scope, writingTargets } = context
  const { name } = written
  const problems: Problem[] = []
  const value = renderBelow(document, entry, at, scope, problems)
  const checked = check(alertSchema, value, kindOf)
  if (checked.ok) {
    keepSecrets(checked.value, scope.secrets)
    const found = [
      ...writtenProblems(checked.value, at, document),
      ...unsafe(checked.value, at, context),
      ...forgotten(checked.value, at, context),
    ]
    if (found.length === 0 && problems.length === 0) {
      const alert = toAlert(checked.value, writingTargets)
      return { name, targets: alert.targets, alert }
    }
    problems.push(...found)
  } else if (problems.length === 0) {
    problems.push(...placed(checked.findings, at, document))
  }
  return { name, targets: written.targets ?? writingTargets, problems }
}
