import { join } from 'node:path'
import { makeFolder } from '../../make-folder.ts'
import { writeWhole } from '../write-whole.ts'

/**
 * Writes a document below dbt's target folder, whole or not at all.
 *
 * @param failed is told where that cannot be: it is no failure of the command
 */
export function writeArtifact(
  folder: string,
  name: string,
  content: object,
  failed: (facts: { readonly code: string; readonly path: string }) => void,
): void {
  const path = join(folder, name)
  try {
    makeFolder(folder)
    writeWhole(path, `${JSON.stringify(content, null, 2)}\n`)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    failed({ code: String(error.code), path })
  }
}
