import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, extname, isAbsolute, relative, resolve } from 'node:path'
import { UserError } from '../errors.ts'
import { isOurs } from '../exposures/exposures-file.ts'
import { readTextFile } from '../project/environment.ts'
import type { ProjectFacts } from '../project/find-project.ts'

/** Where the exposures go. */
export interface OutputFile {
  readonly path: string
  /** In the project, with forward slashes: as dbt names it. */
  readonly shown: string
  readonly isDefault: boolean
}

const DEFAULT_NAME = 'backhaul_exposures.yml'

/**
 * @param asked path in the project; undefined: the usual file in dbt's first model path
 * @throws UserError for a file that dbt would not read
 */
export function outputFile(
  asked: unknown,
  { projectDir, modelPaths }: Pick<ProjectFacts, 'projectDir' | 'modelPaths'>,
): OutputFile {
  const [first = 'models'] = modelPaths
  const usual = resolve(projectDir, first, DEFAULT_NAME)
  const path = asked === undefined ? usual : resolve(projectDir, String(asked))
  const shown = relative(projectDir, path).replaceAll('\\', '/')
  const hint = `For example --output-file ${first}/${DEFAULT_NAME}; the path counts from the project's folder.`
  if (!modelPaths.some((folder) => isBelow(resolve(projectDir, folder), path))) {
    const message = `${shown} is in none of dbt's model-paths (${modelPaths.join(', ')}): dbt would not read it`
    throw new UserError({ message, hint }, { exitCode: 2 })
  }
  if (!['.yml', '.yaml'].includes(extname(path))) {
    const message = `${shown} ends neither in .yml nor in .yaml: dbt would not read it`
    throw new UserError({ message, hint }, { exitCode: 2 })
  }
  return { path, shown, isDefault: path === usual }
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '' && !isAbsolute(way) && way.split(/[/\\]/)[0] !== '..'
}

/**
 * What stands there; undefined for nothing.
 *
 * @param isForced true takes files that were not written here, too
 * @throws UserError for those otherwise
 */
export function readOutput({ path, shown }: OutputFile, isForced: boolean): string | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new UserError({ message: 'is a folder', where: { file: shown } })
  }
  const text = readTextFile(path)
  if (text === undefined || isOurs(text) || isForced) return text
  throw new UserError({
    message: 'was not written by `backhaul exposures`, and is left as it is',
    where: { file: shown },
    hint: 'Choose another file with --output-file, or write over this one with --force.',
  })
}

export function writeOutput({ path, shown }: OutputFile, text: string): void {
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
