import { open, readdir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/** Ending of files that are being written. Whatever has it at a start was never promised to anybody. */
const unfinished = '.part'

/** Writes a file whole or not at all: when this resolves, it is on the disk, and its name is, too. */
export async function writeDurably(folder: string, name: string, text: string): Promise<void> {
  const temporary = join(folder, `${name}${unfinished}`)
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, join(folder, name))
  await syncFolder(folder)
}

/** Removes a file; that it is gone already is as good. */
export async function removeDurably(folder: string, name: string): Promise<void> {
  await unlink(join(folder, name)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  await syncFolder(folder)
}

/** The finished files of a folder; what was left unfinished is removed. */
export async function finishedFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder)
  for (const name of names) if (name.endsWith(unfinished)) await removeDurably(folder, name)
  return names.filter((name) => !name.endsWith(unfinished))
}

/** Names are in the folder, which is a file of its own. Windows has no such thing. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EPERM' || error.code === 'EISDIR') return undefined
    throw error
  })
  if (handle === undefined) return
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
