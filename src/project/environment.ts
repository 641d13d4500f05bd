import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseEnv } from 'node:util'
import { UserError } from '../errors.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Text of a file, or undefined when there is none. */
export type ReadFile = (path: string) => string | undefined

/** Reads a text file from disk. */
export function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new UserError({ message: `cannot be read (${code})`, where: { file: path } }, { cause })
  }
}

/** The environment with the nearest `.env` of `cwd` or above below it: variables that are set stay. */
export function withDotEnv(env: Environment, cwd: string, readFile: ReadFile): Environment {
  for (const folder of upwards(cwd)) {
    const text = readFile(join(folder, '.env'))
    if (text !== undefined) return { ...parseEnv(text), ...env }
  }
  return env
}

/** A folder and all above it. */
export function upwards(folder: string): readonly string[] {
  const above = dirname(folder)
  return above === folder ? [folder] : [folder, ...upwards(above)]
}

/** One of dbt's options from the environment: `DBT_ENGINE_X` wins over `DBT_X`; empty is not set. */
export function dbtOption(env: Environment, name: string): string | undefined {
  return env[`DBT_ENGINE_${name}`] || env[`DBT_${name}`] || undefined
}
