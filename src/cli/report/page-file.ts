import { readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { UserError } from '../../errors.ts'
import { makeFolder } from '../../make-folder.ts'
import { type OwnFile, readOwnFile, unwritable } from '../own-file.ts'
import { writeWhole } from '../write-whole.ts'

/** @throws UserError where the page was not built with the program */
export function readPageTemplate(): string {
  const path = new URL('../../report/page.html', import.meta.url)
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new UserError(
      {
        message: "The report's page is missing in this installation of Backhaul",
        hint: 'Install it again; from its sources: npm run build.',
      },
      { cause },
    )
  }
}

/** @throws UserError where a file of somebody else's stands there */
export function checkPagePlace(file: OwnFile): void {
  // What is no file, as a pipe, is not read.
  if (statSync(file.path, { throwIfNoEntry: false })?.isFile() !== true) return
  readOwnFile(file, {
    command: 'backhaul report',
    isOurs: (text) => text === '' || text.includes('<title>Backhaul report</title>'),
    isForced: false,
    otherwise: 'Choose another file with --out, or remove this one.',
  })
}

/**
 * Writes a page whole or not at all, piece by piece. For its owner alone: it is full of values.
 *
 * @returns its size in bytes
 * @throws UserError where that cannot be
 */
export function writePage({ path, shown }: OwnFile, pieces: Iterable<string>): number {
  try {
    makeFolder(dirname(path))
    return writeWhole(path, pieces, 0o600)
  } catch (error) {
    throw unwritable(shown, error, 'Choose another file with --out.')
  }
}
