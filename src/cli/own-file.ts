import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { UserError } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'
import { readTextFile } from '../project/environment.ts'
import { writeWhole } from './write-whole.ts'

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
 * @param otherwise what else can be done, as a hint
 * @throws UserError for those otherwise
 */
export function readOwnFile(
  { path, shown }: OwnFile,
  {
    command,
    isOurs,
    isForced,
    otherwise = 'Choose another file with --output-file, or write over this one with --force.',
  }: {
    readonly command: string
    readonly isOurs: (text: string) => boolean
    readonly isForced: boolean
    readonly otherwise?: string
  },
): string | undefined {
  const there = statSync(path, { throwIfNoEntry: false })
  if (there?.isDirectory() === true) {
    throw new UserError({ message: 'is a folder', where: { file: shown } })
  }
  // Nothing of anybody's stands in a pipe or a device, and reading one may never end.
  if (there?.isFile() === false) return undefined
  const text = readTextFile(path)
  if (text === undefined || isOurs(text) || isForced) return text
  throw new UserError({
    message: `was not written by \`${command}\`, and is left as it is`,
    where: { file: shown },
    hint: otherwise,
  })
}

/** Writes it whole or not at all: what the user has written in it survives a kill. @throws UserError where that cannot be */
export function writeOwnFile({ path, shown }: OwnFile, text: string): void {
  try {
    makeFolder(dirname(path))
    writeWhole(path, text)
  } catch (error) {
    throw unwritable(shown, error)
  }
}

/** @returns what to throw for what writing a file threw: an error of the system is the user's to settle */
export function unwritable(shown: string, error: unknown, hint?: string): unknown {
  if (!(error instanceof Error && 'code' in error)) return error
  return new UserError(
    {
      message: `cannot be written (${error.code})`,
      where: { file: shown },
      ...(hint === undefined ? {} : { hint }),
    },
    { cause: error },
  )
}
