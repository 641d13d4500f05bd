import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { LiveEvent, LiveRunStarted } from './live.ts'

/** A run of another machine, on a disk that both have, that has said nothing for so long has ended without a word. */
const silentMs = 60 * 60 * 1000
const pieceBytes = 1 << 16

interface Followed {
  readonly path: string
  offset: number
  /** The beginning of a line whose end is not written yet. */
  rest: Buffer
  started: LiveRunStarted | undefined
  isEnded: boolean
}

interface TailFacts {
  readonly clock: () => number
  /** True when the process that ran was one of this machine, and is gone. */
  readonly isHolderGone: (holder: string) => boolean
}

export interface LiveTail {
  /** What was told since the last call, in the order of each run; at first only of runs that are under way. */
  read(): readonly LiveEvent[]
  /** A run of this target folder is under way. */
  isUnderWay(): boolean
}

/** Follows what runs tell in a folder. It need not be there yet. */
export function followRuns(folder: string, facts: TailFacts): LiveTail {
  const files = new Map<string, Followed>()
  let isFirst = true
  return {
    read() {
      const events: LiveEvent[] = []
      const names = namesIn(folder)
      for (const name of files.keys()) if (!names.includes(name)) files.delete(name)
      for (const name of names) {
        const file = files.get(name) ?? begin(join(folder, name))
        files.set(name, file)
        if (file.isEnded) continue
        const news = newsOf(file, facts)
        if (isFirst && file.started !== undefined && facts.isHolderGone(file.started.holder))
          file.isEnded = true
        if (!isFirst || !file.isEnded) events.push(...news)
      }
      isFirst = false
      return events
    },
    isUnderWay: () =>
      [...files.values()].some(({ started, isEnded }) => started !== undefined && !isEnded),
  }
}

/** What runs of the folder have told lately, each kind once, of whichever run told it last. */
export function lastTold<T extends LiveEvent['type']>(
  folder: string,
  type: T,
): Extract<LiveEvent, { readonly type: T }> | undefined {
  const isMeant = (event: LiveEvent): event is Extract<LiveEvent, { readonly type: T }> =>
    event.type === type
  return namesIn(folder)
    .flatMap((name) =>
      readLines(begin(join(folder, name))).lines.flatMap((line) => parsed(line) ?? []),
    )
    .filter(isMeant)
    .reduce<Extract<LiveEvent, { readonly type: T }> | undefined>(
      (last, event) => (last === undefined || event.at >= last.at ? event : last),
      undefined,
    )
}

const begin = (path: string): Followed => ({
  path,
  offset: 0,
  rest: Buffer.alloc(0),
  started: undefined,
  isEnded: false,
})

function newsOf(file: Followed, { clock, isHolderGone }: TailFacts): readonly LiveEvent[] {
  // Asked before the file is read: what a process wrote before it was gone is there to be read.
  const isGone = file.started !== undefined && isHolderGone(file.started.holder)
  const { lines, changedMs } = readLines(file)
  const news = lines.flatMap((line) => parsed(line) ?? [])
  for (const event of news) {
    if (event.type === 'run-started') file.started = event
    if (event.type === 'run-ended') file.isEnded = true
  }
  const { started } = file
  if (file.isEnded || started === undefined) return news
  if (!isGone && clock() - changedMs < silentMs) return news
  file.isEnded = true
  const { invocationId } = started
  const at = new Date(clock()).toISOString()
  return [...news, { type: 'run-ended', at, invocationId, exitCode: null }]
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.ndjson'))
  } catch {
    return []
  }
}

/** The lines that were completed since the last call. A file that is gone has none. */
function readLines(file: Followed): {
  readonly lines: readonly string[]
  readonly changedMs: number
} {
  let descriptor: number
  try {
    descriptor = openSync(file.path, 'r')
  } catch {
    return { lines: [], changedMs: 0 }
  }
  try {
    const pieces = [file.rest]
    for (;;) {
      const piece = Buffer.alloc(pieceBytes)
      const bytes = readSync(descriptor, piece, 0, pieceBytes, file.offset)
      if (bytes === 0) break
      file.offset += bytes
      pieces.push(piece.subarray(0, bytes))
    }
    const all = Buffer.concat(pieces)
    const end = all.lastIndexOf(10) + 1
    file.rest = all.subarray(end)
    const text = all.subarray(0, end).toString('utf8')
    return {
      lines: text.split('\n').filter((line) => line !== ''),
      changedMs: fstatSync(descriptor).mtimeMs,
    }
  } finally {
    closeSync(descriptor)
  }
}

/** A line of a disk that was full is no JSON, and tells nothing. */
function parsed(line: string): LiveEvent | undefined {
  try {
    const event = JSON.parse(line)
    return typeof event?.type === 'string' ? event : undefined
  } catch {
    return undefined
  }
}
