import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import type { StoredResult } from './checkpoint.ts'

/**
 * Results on the local disk until the warehouse has them. Only shortens recovery: the guarantees hold without it.
 * Holds ids and HubSpot's messages without the values they quote; removed when the run is merged.
 */
export interface Spool {
  /** On disk when it returns. */
  append(results: readonly StoredResult[]): void
  /** Results of this run, oldest first; a line cut by a kill is left out. */
  read(): readonly StoredResult[]
  remove(): void
}

const suffix = '.ndjson'

/** Opens the spool of a run in `folder`; makes the folder on the first append. */
export function openSpool(folder: string, runId: string): Spool {
  const path = join(folder, `${runId}${suffix}`)
  return {
    append(results) {
      if (results.length === 0) return
      mkdirSync(folder, { recursive: true })
      const file = openSync(path, 'a', 0o600)
      try {
        appendFileSync(file, results.map((result) => `${JSON.stringify(result)}\n`).join(''))
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
    },
    read() {
      if (!existsSync(path)) return []
      return readFileSync(path, 'utf8').split('\n').flatMap(parseLine)
    },
    remove() {
      rmSync(path, { force: true })
    },
  }
}

/** Runs that have a spool in `folder`. */
export function spooledRuns(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
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
