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
    return decode(readFileSync(path), path)
  } catch (cause) {
    if (cause instanceof UserError) throw cause
    const { code } = cause as NodeJS.ErrnoException
    // A folder may have the name, too: `.env` is one that many virtual environments have.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined
    throw new UserError({ message: `cannot be read (${code})`, where: { file: path } }, { cause })
  }
}

/** The byte order mark that a text file begins with, or nothing: who writes the file again puts it back. */
export const byteOrderMark = (path: string): string =>
  readFileSync(path).subarray(0, 3).toString('hex') === 'efbbbf' ? '\uFEFF' : ''

/** UTF-8 text without its byte order mark. */
function decode(bytes: Buffer, path: string): string {
  const mark = bytes.subarray(0, 2).toString('hex')
  if (mark !== 'fffe' && mark !== 'feff') return new TextDecoder().decode(bytes)
  throw new UserError({
    message: 'is written in UTF-16',
    where: { file: path },
    hint: 'Save it as UTF-8. (`>` of Windows PowerShell writes UTF-16.)',
  })
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
