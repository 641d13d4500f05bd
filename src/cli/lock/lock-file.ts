import { existsSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { type Lock, readLock } from '../../lock/read-lock.ts'
import { readTextFile } from '../../project/environment.ts'
import type { Arguments } from '../command-line/option.ts'
import { type OwnFile, unwritable } from '../own-file.ts'
import { shellWord } from '../render/shell-word.ts'
import { writeWhole } from '../write-whole.ts'
import { LOCK_FILE } from './options.ts'

/** The lock that is asked for, else the one beside dbt_project.yml. */
export function lockFile(
  args: Arguments,
  { cwd, projectDir }: { readonly cwd: string; readonly projectDir: string },
): OwnFile {
  const asked = args['lock-file']
  const path = typeof asked === 'string' ? resolve(cwd, asked) : resolve(projectDir, LOCK_FILE)
  const shown = relative(projectDir, path).replaceAll('\\', '/')
  return { path, shown: shown.startsWith('..') ? path : shown }
}

export const isThere = ({ path }: OwnFile): boolean => existsSync(path)

/** The command that makes a lock anew. */
export function lockCommand(args: Arguments, targetName?: string): string {
  const asked = args['lock-file']
  return [
    'backhaul lock',
    ...(targetName === undefined ? [] : [`--target ${shellWord(targetName)}`]),
    ...(typeof asked === 'string' ? [`--lock-file ${shellWord(asked)}`] : []),
  ].join(' ')
}

/** @returns undefined where there is none @throws UserError for one that cannot be used */
export function readLockFile({ path, shown }: OwnFile): Lock | undefined {
  const content = readTextFile(path)
  return content === undefined ? undefined : readLock(shown, content)
}

/** Writes the file whole or not at all. @throws UserError where that cannot be */
export function writeLockFile({ path, shown }: OwnFile, content: string): void {
  try {
    writeWhole(path, content)
  } catch (error) {
    const isNowhere = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw unwritable(shown, error, isNowhere ? `There is no folder ${dirname(path)}.` : undefined)
  }
}
