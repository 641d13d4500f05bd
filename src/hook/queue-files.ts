import { existsSync } from 'node:fs'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { UserError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { makeFolder } from '../make-folder.ts'
import { finishedFiles } from './durable-file.ts'

/** The files of a queue: one for each job, in the folder of what became of it. */
export const fileOf = (runId: string): string => `${runId}.json`

/** Makes the queue's folders. @throws UserError in a folder of somebody else's */
export async function makeFolders(folder: string) {
  const folders = {
    queued: join(folder, 'queued'),
    done: join(folder, 'done'),
    work: join(folder, 'work'),
  }
  // Ours is emptied at each start: a folder of that name that is somebody else's is not touched.
  if (
    existsSync(folders.work) &&
    ![folders.queued, folders.done].some((path) => existsSync(path))
  ) {
    throw new UserError({
      message: `${folder} holds a folder work, and is no queue of backhaul hook`,
      hint: 'Choose a folder for the queue alone with --queue-dir or `hook.queue_dir`.',
    })
  }
  for (const path of Object.values(folders)) makeFolder(path, 0o700)
  // The folder is mostly inside of a repository, which it is not a part of. A file of somebody else's stays.
  await writeFile(join(folder, '.gitignore'), '*\n', { flag: 'wx' }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    },
  )
  return folders
}

/** The jobs of a folder by run; files that are damaged are set aside, and told. */
export async function readAll<Job extends { readonly runId: string }>(
  folder: string,
  schema: z.ZodType<Job>,
  { isOwner, log }: { readonly isOwner: boolean; readonly log: Logger },
): Promise<Map<string, Job>> {
  const jobs = new Map<string, Job>()
  for (const name of isOwner ? await finishedFiles(folder) : await readdir(folder)) {
    if (!name.endsWith('.json')) continue
    const job = await readOne(folder, name, schema)
    if (job !== undefined) {
      jobs.set(job.runId, job)
      continue
    }
    if (!isOwner) continue
    const aside = `${name}.damaged`
    await rename(join(folder, name), join(folder, aside))
    log.warn(`A job's file is damaged, and was set aside: ${join(folder, aside)}`)
  }
  return jobs
}

export async function readOne<Job extends { readonly runId: string }>(
  folder: string,
  name: string,
  schema: z.ZodType<Job>,
): Promise<Job | undefined> {
  try {
    const { data } = schema.safeParse(JSON.parse(await readFile(join(folder, name), 'utf8')))
    return data !== undefined && name === fileOf(data.runId) ? data : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Empties a folder. */
export async function emptyFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  makeFolder(folder, 0o700)
}
