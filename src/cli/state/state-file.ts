import { once } from 'node:events'
import { createReadStream, createWriteStream, existsSync, renameSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { UserError } from '../../errors.ts'
import { type StateLine, stateLinesVersion } from '../../record/state-lines.ts'
import { syncTables } from '../../record/tables.ts'

type Header = Extract<StateLine, { kind: 'backhaul-state' }>
type SyncLine = Extract<StateLine, { kind: 'sync' }>

/** What a file holds, without its rows. */
export interface StateFile {
  readonly header: Header
  readonly syncs: readonly SyncLine[]
}

/** Writes lines to a file that only its owner may read, and that is there as a whole or not at all. */
export async function writeStateFile(
  path: string,
  lines: AsyncIterable<readonly StateLine[]>,
): Promise<void> {
  if (existsSync(path)) {
    throw new UserError({
      message: `${path} is there already`,
      hint: 'Choose another name, or remove the file.',
    })
  }
  const part = `${path}.part`
  const file = createWriteStream(part, { mode: 0o600 })
  try {
    await once(file, 'open').catch((error: unknown) => {
      throw cannot('write', path, error)
    })
    for await (const some of lines) {
      const text = some.map((line) => `${JSON.stringify(line)}\n`).join('')
      if (!file.write(text)) await once(file, 'drain')
    }
    file.end()
    await finished(file)
    renameSync(part, path)
  } catch (error) {
    file.destroy()
    rmSync(part, { force: true })
    throw error
  }
}

const isSystemError = (error: unknown): boolean => error instanceof Error && 'syscall' in error

function cannot(action: 'read' | 'write', path: string, error: unknown): UserError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  const why = code === undefined ? '' : ` (${code})`
  const message = `Could not ${action} ${path}${why}`
  return new UserError({ message, hint: whatNext(action, path, code) }, { cause: error })
}

function whatNext(action: 'read' | 'write', path: string, code: string | undefined): string {
  if (code === 'EISDIR') return 'It is a folder: name a file in it.'
  if (code !== 'ENOENT') return 'Check the path, and who may use it.'
  return action === 'read'
    ? `There is no such file. To make it, where the state is now: backhaul state export ${path}`
    : 'Its folder does not exist: make it first.'
}

/** The lines of a file in order; memory does not grow with it. @throws UserError with the line for what is no state */
export async function* readStateFile(path: string): AsyncIterable<StateLine> {
  const file = createReadStream(path)
  let line = 0
  const refuse = (message: string) =>
    new UserError({
      message,
      where: { file: path, line },
      hint: 'Was it made by `backhaul state export`?',
    })
  try {
    await once(file, 'open').catch((error: unknown) => {
      throw cannot('read', path, error)
    })
    for await (const text of createInterface({
      input: file,
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      line += 1
      const parsed = parse(text)
      if (parsed === undefined) throw refuse('is no line of a state')
      const problem = line === 1 ? headerProblem(parsed) : lineProblem(parsed)
      if (problem !== undefined) throw refuse(problem)
      yield parsed
    }
  } catch (error) {
    // A folder can be opened, and not read.
    throw isSystemError(error) ? cannot('read', path, error) : error
  } finally {
    file.destroy()
  }
}

function parse(text: string): StateLine | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && 'kind' in value
      ? (value as StateLine)
      : undefined
  } catch {
    return undefined
  }
}

function headerProblem(line: StateLine): string | undefined {
  if (line.kind !== 'backhaul-state') return 'is not the beginning of a state'
  if (line.version !== stateLinesVersion) {
    return `has version ${line.version}; this release reads ${stateLinesVersion}`
  }
  return undefined
}

const known = {
  row: new Set(syncTables.state.columns.map(({ name }) => name)),
  plan: new Set(syncTables.plan.columns.map(({ name }) => name)),
  link: new Set(syncTables.links.columns.map(({ name }) => name)),
}

function lineProblem(line: StateLine): string | undefined {
  if (line.kind === 'row' || line.kind === 'plan' || line.kind === 'link') {
    const unknown = Object.keys(line.values ?? {}).find((name) => !known[line.kind].has(name))
    return unknown === undefined
      ? undefined
      : `has a column ${unknown} that this release does not know; a newer Backhaul wrote it`
  }
  return line.kind === 'sync' || line.kind === 'end' ? undefined : 'is of an unknown kind'
}

/**
 * Reads a file once through: is it whole, and what is in it?
 *
 * @throws UserError when it was cut short
 */
export async function examineStateFile(path: string): Promise<StateFile> {
  let header: Header | undefined
  const syncs: SyncLine[] = []
  const ended = new Set<string>()
  let rows = 0
  let plans = 0
  let links = 0
  for await (const line of readStateFile(path)) {
    if (line.kind === 'backhaul-state') header = line
    else if (line.kind === 'sync') {
      syncs.push(line)
      rows = 0
      plans = 0
      links = 0
    } else if (line.kind === 'row') rows += 1
    else if (line.kind === 'plan') plans += 1
    else if (line.kind === 'link') links += 1
    else if (
      line.syncName === syncs.at(-1)?.syncName &&
      line.rows === rows &&
      line.plans === plans &&
      (line.links ?? 0) === links
    )
      ended.add(line.syncName)
  }
  const isWhole = header?.syncs.every((name) => ended.has(name)) && ended.size === syncs.length
  if (header === undefined || !isWhole) {
    throw new UserError({
      message: `${path} is not whole: it was cut short, or changed`,
      hint: 'Export again.',
    })
  }
  return { header, syncs }
}
