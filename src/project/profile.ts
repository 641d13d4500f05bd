import { join, resolve } from 'node:path'
import { kindOf } from '../config/check.ts'
import { isBlock } from '../config/merge.ts'
import type { Problem } from '../errors.ts'
import { didYouMean } from '../suggest.ts'
import type { Connection } from '../warehouse/warehouse.ts'
import { dbtOption, type Environment, type ReadFile } from './environment.ts'
import type { JinjaScope } from './jinja.ts'
import { targetsAtSamePlace } from './same-place.ts'
import { collectSecrets } from './secrets.ts'
import { type Path, readYaml, renderBelow, type YamlDocument } from './yaml-document.ts'

/** dbt's profile, with one of its outputs rendered. */
export interface Profile {
  readonly file: string
  readonly name: string
  readonly targetName: string
  /** The target when none is asked for. */
  readonly defaultTargetName: string
  /** Other targets that build in the same place. */
  readonly samePlaceTargets: readonly string[]
  readonly connection: Connection
  /** Schema (or dataset) that dbt builds in by default. */
  readonly schema: string
  readonly threads: number
}

export interface ProfileRequest {
  readonly cwd: string
  readonly homeDir: string | undefined
  readonly projectDir: string
  readonly profilesDir: string | undefined
  readonly profileName: string
  readonly target: string | undefined
  readonly env: Environment
  readonly readFile: ReadFile
  readonly scope: JinjaScope
}

/** Schema of an adapter whose profile need not name one. */
const DEFAULT_SCHEMAS: Readonly<Record<string, string>> = { duckdb: 'main' }

/** Finds the profile and the target as dbt does, and renders just that output. */
export function readProfile(request: ProfileRequest, problems: Problem[]): Profile | undefined {
  const found = findProfiles(request, problems)
  if (found === undefined) return undefined
  const { document, profiles } = found
  const { profileName } = request
  const profile = profiles[profileName]
  if (!isBlock(profile) || !isBlock(profile['outputs'])) {
    problems.push(
      isBlock(profile)
        ? {
            message: `the profile ${profileName} has no outputs`,
            where: document.at([profileName]),
          }
        : {
            message: `there is no profile ${profileName}`,
            where: { file: document.file },
            hint: didYouMean(profileName, Object.keys(profiles)),
          },
    )
    return undefined
  }
  return readOutput(request, document, profile, profile['outputs'], problems)
}

function readOutput(
  request: ProfileRequest,
  document: YamlDocument,
  profile: Readonly<Record<string, unknown>>,
  outputs: Readonly<Record<string, unknown>>,
  problems: Problem[],
): Profile | undefined {
  const { profileName, scope } = request
  const before = problems.length
  const own = renderBelow(document, profile['target'], [profileName, 'target'], scope, problems)
  const defaultTargetName = own ? String(own) : 'default'
  const targetName = request.target ?? dbtOption(request.env, 'TARGET') ?? defaultTargetName
  const path: Path = [profileName, 'outputs', targetName]
  const output = outputs[targetName]
  if (!isBlock(output)) {
    problems.push(
      Object.hasOwn(outputs, targetName)
        ? {
            message: `the target ${targetName} must be a mapping, not ${kindOf(output)}`,
            where: document.at(path),
            key: path.join('.'),
            hint: 'Write its keys below it, indented: `type:`, `schema:` and those of the adapter.',
          }
        : {
            message: `the profile ${profileName} has no target ${targetName}`,
            where: document.at([profileName, 'outputs']),
            hint: `Its targets are: ${Object.keys(outputs).join(', ')}. Choose one with --target.`,
          },
    )
    return undefined
  }
  const rendered = renderBelow(document, output, path, scope, problems) as Record<string, unknown>
  const { type, threads, ...settings } = rendered
  if (typeof type !== 'string' && problems.length === before) {
    problems.push({
      message: `the target ${targetName} has no \`type\``,
      where: document.at(path),
      hint: 'For example `type: duckdb`.',
    })
  }
  if (typeof type !== 'string' || problems.length > before) return undefined
  collectSecrets(settings, scope.secrets)
  return {
    file: document.file,
    name: profileName,
    targetName,
    defaultTargetName,
    samePlaceTargets: targetsAtSamePlace(
      document,
      [profileName, 'outputs'],
      outputs,
      targetName,
      request,
    ),
    connection: {
      type,
      settings,
      projectDir: request.projectDir,
      ...(request.cwd === request.projectDir ? {} : { cwd: request.cwd }),
    },
    schema: String(settings['schema'] ?? settings['dataset'] ?? DEFAULT_SCHEMAS[type] ?? ''),
    threads: Number(threads) > 0 ? Number(threads) : 1,
  }
}

/** A folder that was asked for is the only one searched; else the working directory, then `~/.dbt`. */
function findProfiles(
  { profilesDir, env, cwd, homeDir, projectDir, readFile }: ProfileRequest,
  problems: Problem[],
): { document: YamlDocument; profiles: Readonly<Record<string, unknown>> } | undefined {
  const asked = profilesDir ?? dbtOption(env, 'PROFILES_DIR')
  const home = homeDir === undefined ? [] : [join(homeDir, '.dbt')]
  const folders = asked === undefined ? [cwd, ...home] : [resolve(cwd, asked)]
  for (const folder of folders) {
    const file = join(folder, 'profiles.yml')
    const text = readFile(file)
    if (text === undefined) continue
    const document = readYaml(file, text)
    problems.push(...document.problems)
    if (isBlock(document.value)) return { document, profiles: document.value }
    if (document.problems.length === 0) {
      problems.push({ message: 'holds no profiles', where: { file } })
    }
    return undefined
  }
  const isBeside = readFile(join(projectDir, 'profiles.yml')) !== undefined
  problems.push({
    message: `there is no profiles.yml in ${folders.join(' or ')}`,
    hint: isBeside
      ? `There is one in ${projectDir}, where dbt does not look from here: add --profiles-dir ${projectDir}.`
      : 'Say where it is with --profiles-dir or DBT_PROFILES_DIR.',
  })
  return undefined
}
