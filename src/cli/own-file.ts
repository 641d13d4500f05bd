import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { UserError } from '../errors.ts'
import { readTextFile } from '../project/environment.ts'

/** A file among the user's that a command writes. */
export interface OwnFile {
  readonly path: string
  /** As messages name it. */
  readonly shown: string
}

/**
 * What stands there; undefined for nothing.
 *
 * @param command who wrote it, where `isOurs` says so
 * @param isForced true takes files of others, too
 * @throws UserError for those otherwise
 */
export function readOwnFile(
  { path, shown }: OwnFile,
  {
    command,
    isOurs,
    isForced,
  }: {
    readonly command: string
    readonly isOurs: (text: string) => boolean
    readonly isForced: boolean
  },
): string | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new UserError({ message: 'is a folder', where: { file: shown } })
  }
  const text = readTextFile(path)
  if (text === undefined || isOurs(text) || isForced) return text
  throw new UserError({
    message: `was not written by \`${command}\`, and is left as it is`,
    where: { file: shown },
    hint: 'Choose another file with --output-file, or write over this one with --force.',
  })
}

/** @throws UserError where that cannot be */
export function writeOwnFile({ path, shown }: OwnFile, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new UserError(
      { message: `cannot be written (${code})`, where: { file: shown } },
      { cause },
    )
  }
}
