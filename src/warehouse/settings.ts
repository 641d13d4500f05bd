import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { UserError } from '../errors.ts'
import type { Connection } from './warehouse.ts'

type Settings = Readonly<Record<string, unknown>>

/** A setting of the profile as text; undefined when absent or empty. Numbers and booleans are taken as written. */
export function textSetting(settings: Settings, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = settings[name]
    if (typeof value === 'string' && value !== '') return value
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  }
  return undefined
}

/** A setting that every connection needs. */
export function requiredSetting(settings: Settings, ...names: readonly string[]): string {
  const value = textSetting(settings, ...names)
  if (value !== undefined) return value
  throw new UserError({
    message: `The profile's output has no ${names.join(' or ')}`,
    hint: `Add \`${names[0]}:\` to the target in profiles.yml.`,
  })
}

/** A setting that counts something. */
export function numberSetting(settings: Settings, name: string): number | undefined {
  const value = textSetting(settings, name)
  if (value === undefined) return undefined
  const number = Number(value)
  if (Number.isFinite(number)) return number
  // Not the value: a variable that holds a password may have been written here.
  throw new UserError({
    message: `${name} of the profile's output is no number`,
    hint: 'Of a Jinja expression, write `| as_number` behind it.',
  })
}

/** A path of the profile: from where the command runs, as dbt has it, else from the project's folder. */
export function fileOf({ cwd, projectDir }: Connection, path: string): string {
  const full = path.replace(/^~(?=\/)/, homedir())
  const here = cwd === undefined ? undefined : resolve(cwd, full)
  return here !== undefined && existsSync(here) ? here : resolve(projectDir, full)
}

/**
 * A file that the profile names cannot be read. Neither its path nor the cause, which quotes it, is told: a key may have been written
 * where its path belongs.
 */
export function unreadable(name: string, error: unknown, projectDir: string): UserError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return new UserError({
    message: `Cannot read ${name} of the profile's output (${code})`,
    hint: `It is the path of a file: from ${projectDir}, unless it begins with / or ~/.`,
  })
}
