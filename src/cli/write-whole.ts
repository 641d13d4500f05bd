import { randomBytes } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Nobody writes a file for so long. */
const abandonedMs = 60 * 60 * 1000

/**
 * Writes a file whole or not at all. What is not finished yet has a name of its own each time: two that write the same file at the
 * same time do not mix, and the one that ends last wins. A link is followed, unless somebody else may have laid it there as a trap;
 * what is no file, as /dev/null, is written to. A file that may not be written stays.
 *
 * @param pieces the text, or its pieces in order
 * @param mode of the file; default: that of the file that is there, which keeps its owner, too
 * @returns its size in bytes
 * @throws NodeJS.ErrnoException, and what `pieces` throws
 */
export function writeWhole(path: string, pieces: string | Iterable<string>, mode?: number): number {
  const there = statSync(path, { throwIfNoEntry: false })
  const texts = typeof pieces === 'string' ? [pieces] : pieces
  // A pipe has no path but this one.
  if (there?.isFile() === false) return writeAll(path, 'w', mode ?? 0o666, texts)
  const kept = there === undefined || isTrap(path) ? undefined : there
  const place = kept === undefined ? path : realpathSync(path)
  if (kept !== undefined) accessSync(place, constants.W_OK)
  removeAbandoned(place)
  const part = `${place}.${process.pid}-${randomBytes(4).toString('hex')}.part`
  try {
    // Nobody reads it before it is known who may.
    const bytes = writeAll(part, 'wx', mode ?? (kept === undefined ? 0o666 : 0o600), texts)
    if (mode === undefined && kept !== undefined) keepAccess(part, kept)
    renameSync(part, place)
    return bytes
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}

const sticky = 0o1000
const writtenByAll = 0o002

/** A link in a folder of everybody's, as /tmp, that is neither ours nor the folder's: systems follow none such when a file is opened. */
function isTrap(path: string): boolean {
  const link = lstatSync(path)
  const folder = statSync(dirname(path))
  const isShared = (folder.mode & sticky) !== 0 && (folder.mode & writtenByAll) !== 0
  return link.isSymbolicLink() && isShared && ![process.getuid?.(), folder.uid].includes(link.uid)
}

function keepAccess(path: string, { uid, gid, mode }: Stats): void {
  const made = statSync(path)
  if (made.uid !== uid || made.gid !== gid) {
    try {
      chownSync(path, uid, gid)
    } catch {
      // Only the superuser may give files away, and needs to.
    }
  }
  chmodSync(path, mode & 0o7777)
}

function writeAll(path: string, flags: 'w' | 'wx', mode: number, texts: Iterable<string>): number {
  const file = openSync(path, flags, mode)
  let bytes = 0
  try {
    for (const text of texts) {
      const piece = Buffer.from(text)
      // Goes on where a disk that fills up has taken a part only, and meets the error then.
      writeFileSync(file, piece)
      bytes += piece.length
    }
  } finally {
    closeSync(file)
  }
  return bytes
}

/** What is left of files whose writing was killed may be full of values. Best effort: the folder may not be ours to read. */
function removeAbandoned(path: string): void {
  const start = `${basename(path)}.`
  for (const name of namesIn(dirname(path))) {
    if (!name.startsWith(start) || !/^\d+-[0-9a-f]+\.part$/.test(name.slice(start.length))) continue
    const part = join(dirname(path), name)
    const changedMs = statSync(part, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
    if (Date.now() - changedMs > abandonedMs) rmSync(part, { force: true })
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
