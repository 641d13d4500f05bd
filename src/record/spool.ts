import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../make-folder.ts'
import type { StoredResult } from './checkpoint.ts'

/**
 * Results on the local disk until the warehouse has them: those of one window. Only shortens recovery: the guarantees hold
 * without it. Holds ids and HubSpot's messages without the values they quote.
 */
export interface Spool {
  /** On disk when it returns, unless the disk refuses: the run goes on without a spool then. */
  append(results: readonly StoredResult[]): void
  /** Results of this run, oldest first; a line cut by a kill is left out. */
  read(): readonly StoredResult[]
  remove(): void
}

const suffix = '.ndjson'

/**
 * Opens the spool of a run in `folder`; makes the folder on the first append.
 *
 * @param onRefused told once, with the system's code, when the disk is full or may not be written to
 */
export function openSpool(
  folder: string,
  runId: string,
  onRefused: (code: string) => void = () => {},
): Spool {
  const path = join(folder, `${runId}${suffix}`)
  let isRefused = false
  return {
    append(results) {
      if (results.length === 0 || isRefused) return
      try {
        appendAll(folder, path, results)
      } catch (error) {
        isRefused = true
        onRefused(codeOf(error))
      }
    },
    read() {
      if (!existsSync(path)) return []
      return readFileSync(path, 'utf8').split('\n').flatMap(parseLine)
    },
    remove() {
      try {
        rmSync(path, { force: true })
      } catch (error) {
        // The start of the next run tries again.
        codeOf(error)
      }
    },
  }
}

function appendAll(folder: string, path: string, results: readonly StoredResult[]): void {
  makeFolder(folder)
  const file = openSync(path, 'a', 0o600)
  try {
    appendFileSync(file, results.map((result) => `${JSON.stringify(result)}\n`).join(''))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** The system's code of a refusal, e.g. `ENOSPC`. What is none is thrown on. */
function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code)
  throw error
}

/** Runs that have a spool in `folder`. */
export function spooledRuns(folder: string): readonly string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return []
  return readdirSync(folder).flatMap((name) =>
    name.endsWith(suffix) ? name.slice(0, -suffix.length) : [],
  )
}

function parseLine(line: string): StoredResult[] {
  if (line === '') return []
  try {
    return [JSON.parse(line) as StoredResult]
  } catch {
    return []
  }
}

/**
 * Takes lines out of the spools in `folder`.
 *
 * @param isMeant the run and its result
 * @param isDry only counts
 * @returns how many
 */
export function eraseFromSpools(
  folder: string,
  isMeant: (runId: string, result: StoredResult) => boolean,
  isDry: boolean,
): number {
  let erased = 0
  for (const runId of spooledRuns(folder)) {
    const spool = openSpool(folder, runId)
    const all = spool.read()
    const kept = all.filter((result) => !isMeant(runId, result))
    if (kept.length === all.length) continue
    erased += all.length - kept.length
    if (isDry) continue
    spool.remove()
    spool.append(kept)
  }
  return erased
}
