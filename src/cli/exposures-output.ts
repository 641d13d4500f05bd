import { extname, isAbsolute, relative, resolve } from 'node:path'
import { UserError } from '../errors.ts'
import type { ProjectFacts } from '../project/find-project.ts'
import type { OwnFile } from './own-file.ts'

/** Where the exposures go; `shown` is the path in the project, with forward slashes: as dbt names it. */
export interface OutputFile extends OwnFile {
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
