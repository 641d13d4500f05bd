import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { makeFolder } from '../../make-folder.ts'
import { writeWhole } from '../write-whole.ts'

/**
 * What was told while the warehouse could not be reached, which keeps everything else: without it each run would say again that the warehouse
 * is down. A file of this machine: where each run starts on an empty disk, each says so again.
 */

const file = 'alerts.json'

const memorySchema = z.object({
  version: z.literal(1),
  told: z.array(z.string()),
})

/** Keys of alerts that were told to be open. */
export function readMemory(folder: string): readonly string[] {
  try {
    return memorySchema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8'))).told
  } catch {
    return []
  }
}

/** Best effort: a folder that cannot be written to costs a repetition. */
export function writeMemory(folder: string, told: readonly string[]): void {
  const path = join(folder, file)
  try {
    if (told.length === 0) {
      rmSync(path, { force: true })
      return
    }
    makeFolder(folder)
    writeWhole(path, `${JSON.stringify({ version: 1, told })}\n`)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
  }
}
