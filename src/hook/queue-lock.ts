import { open, readFile, stat, unlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'
import type { Clock, Sleep } from '../types.ts'

/** A holder shows that it lives more often than this. */
const beatMs = 2_000
/** A holder that did not for so long is gone. */
const goneMs = 10_000
/** From looking at a dead holder's lock to replacing it takes less. */
const settleMs = 50

export interface QueueLock {
  release(): Promise<void>
}

/**
 * Makes this process the only one that works on a queue. A lock whose holder is gone is taken over: at once when it was a process of
 * this machine, else when it has shown no life for ten seconds (in a container, every process has the number 1). One that shows life is not
 * waited for.
 *
 * @param holder who this is
 * @throws UserError when another process holds the lock and lives
 */
export async function lockQueue(
  folder: string,
  holder: string,
  {
    clock,
    sleep,
    isHolderGone,
  }: {
    readonly clock: Clock
    readonly sleep: Sleep
    readonly isHolderGone: (holder: string) => boolean
  },
): Promise<QueueLock> {
  makeFolder(folder, 0o700)
  const path = join(folder, 'lock')
  let met: Awaited<ReturnType<typeof readHolder>>
  for (;;) {
    if (await tryLock(path, holder)) {
      // Somebody who saw the same dead holder may take this one's lock for that one's: who is there in the end has it.
      await sleep(settleMs)
      if ((await readHolder(path))?.holder === holder) break
    }
    const other = await readHolder(path)
    if (other === undefined) continue
    if (isHolderGone(other.holder) || clock() - other.seenMs > goneMs) {
      await unlink(path).catch(() => {})
      continue
    }
    if (met?.holder !== other.holder) met = other
    else if (other.seenMs > met.seenMs) throw inUse(folder, other.holder)
    await sleep(500)
  }
  const beat = setInterval(() => {
    const now = new Date(clock())
    void utimes(path, now, now).catch(() => {})
  }, beatMs)
  beat.unref()
  return {
    async release() {
      clearInterval(beat)
      const other = await readHolder(path)
      if (other?.holder === holder) await unlink(path).catch(() => {})
    },
  }
}

async function tryLock(path: string, holder: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(holder)
    await file.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function readHolder(path: string) {
  try {
    const [holder, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)])
    return { holder, seenMs: mtimeMs }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const inUse = (folder: string, holder: string): UserError =>
  new UserError(
    {
      message: `Another backhaul hook works on the queue in ${folder} (${holder})`,
      hint: 'One is enough for a project. For another project choose another folder with --queue-dir.',
    },
    { exitCode: 2 },
  )
