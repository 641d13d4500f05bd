import { isAbsolute, join, resolve } from 'node:path'
import { isBlock } from '../config/merge.ts'
import { type Problem, UserError } from '../errors.ts'
import type { Connection } from '../warehouse/warehouse.ts'
import {
  dbtOption,
  type Environment,
  type ReadFile,
  readTextFile,
  upwards,
  withDotEnv,
} from './environment.ts'
import { type JinjaScope, SECRET_PREFIX } from './jinja.ts'
import { type Profile, readProfile } from './profile.ts'
import { hideSecrets } from './secrets.ts'
import { readSettings, type Settings } from './settings.ts'
import { readYaml, renderBelow, type YamlDocument } from './yaml-document.ts'

/** Options of the command line, named as dbt's. */
export interface ProjectFlags {
  readonly projectDir?: string | undefined
  readonly profilesDir?: string | undefined
  readonly profile?: string | undefined
  readonly target?: string | undefined
  readonly targetPath?: string | undefined
  /** YAML text of a mapping. */
  readonly vars?: string | undefined
}

export interface FindOptions {
  readonly cwd: string
  readonly env: Environment
  readonly flags: ProjectFlags
  readonly readFile?: ReadFile
  /** Where `~/.dbt` is; `HOME` or `USERPROFILE` of the environment by default. */
  readonly homeDir?: string
}

/** A dbt project with the chosen target's connection and settings. Paths are absolute. */
export interface Project {
  readonly projectDir: string
  readonly name: string
  readonly profileName: string
  readonly profilesFile: string
  readonly targetName: string
  /** The profile's own `target:`: dbt's choice when none is asked for. */
  readonly defaultTargetName: string
  /** Other targets of the profile that build in the same place. */
  readonly samePlaceTargets: readonly string[]
  /** Folders in which dbt looks for models and their YAML, relative to the project's. */
  readonly modelPaths: readonly string[]
  /** `flags` of dbt_project.yml: how the project wants dbt to behave. */
  readonly dbtFlags: Readonly<Record<string, unknown>>
  /** dbt's `target` folder. */
  readonly targetPath: string
  readonly manifestPath: string
  readonly runResultsPath: string
  readonly connection: Connection
  /** Schema (or dataset) that dbt builds in by default. */
  readonly schema: string
  readonly threads: number
  readonly settings: Settings
  /** The environment with `.env` below it. */
  readonly env: Environment
  /** Values that must never be printed, longest first. */
  readonly secrets: readonly string[]
}

/** What was found out about a project, as far as it could be read. */
export interface ProjectFacts {
  readonly projectDir: string
  readonly name: string
  readonly profileName: string | undefined
  /** Undefined: see the problems. */
  readonly profile: Profile | undefined
  /** Undefined: see the problems. */
  readonly settings: Settings | undefined
  /** Folders in which dbt looks for models and their YAML, relative to the project's. */
  readonly modelPaths: readonly string[]
  /** `flags` of dbt_project.yml. */
  readonly dbtFlags: Readonly<Record<string, unknown>>
  /** dbt's `target` folder. */
  readonly targetPath: string
  readonly env: Environment
  /** Values that must never be printed, longest first. */
  readonly secrets: readonly string[]
  readonly problems: readonly Problem[]
}

/**
 * Finds the dbt project, its profile and target as dbt does, and `backhaul.yml` beside it.
 *
 * @throws UserError with everything that is wrong in the three files
 */
export function findProject(options: FindOptions): Project {
  const facts = examineProject(options)
  const { profile, settings, problems, profileName: _, ...found } = facts
  if (problems.length > 0 || profile === undefined || settings === undefined) {
    throw new UserError(problems)
  }
  return {
    ...found,
    profileName: profile.name,
    profilesFile: profile.file,
    targetName: profile.targetName,
    defaultTargetName: profile.defaultTargetName,
    samePlaceTargets: profile.samePlaceTargets,
    manifestPath: manifestPathOf(facts),
    runResultsPath: join(facts.targetPath, 'run_results.json'),
    connection: profile.connection,
    schema: profile.schema,
    threads: profile.threads,
    settings,
  }
}

export const manifestPathOf = ({ targetPath }: Pick<ProjectFacts, 'targetPath'>): string =>
  join(targetPath, 'manifest.json')

/**
 * The same, but what is wrong in one file does not hide the others.
 *
 * @throws UserError when there is no dbt project at all
 */
export function examineProject(options: FindOptions): ProjectFacts {
  const readFile = options.readFile ?? readTextFile
  const env = withDotEnv(options.env, options.cwd, readFile)
  const { flags, cwd } = options
  const { projectDir, text } = findProjectFile(options, env, readFile)
  const problems: Problem[] = []
  const scope: JinjaScope = { env, vars: readVars(flags.vars), secrets: new Set() }

  const own = readProjectFile(readYaml(join(projectDir, 'dbt_project.yml'), text), scope, problems)
  const profileName = flags.profile ?? dbtOption(env, 'PROFILE') ?? own.profile
  if (profileName === undefined && problems.length === 0) {
    problems.push({
      message: 'names no `profile`',
      where: { file: join(projectDir, 'dbt_project.yml') },
      hint: 'Add `profile:`, or choose one with --profile.',
    })
  }
  const profile =
    profileName === undefined
      ? undefined
      : readProfile(
          {
            cwd,
            homeDir: options.homeDir ?? env['HOME'] ?? env['USERPROFILE'],
            projectDir,
            profilesDir: flags.profilesDir,
            profileName,
            target: flags.target,
            env,
            readFile,
            scope,
          },
          problems,
        )
  const settings = readSettings(
    {
      projectDir,
      targetName: profile?.targetName ?? flags.target ?? 'default',
      targetSchema: profile?.schema ?? '',
      env,
      readFile,
      scope,
    },
    problems,
  )
  const secrets = allSecrets(env, scope.secrets)
  return {
    projectDir,
    name: own.name,
    profileName,
    profile,
    settings,
    modelPaths: own.modelPaths,
    dbtFlags: own.flags,
    targetPath: absolute(
      projectDir,
      flags.targetPath ?? dbtOption(env, 'TARGET_PATH') ?? own.targetPath ?? 'target',
    ),
    env,
    secrets,
    problems: problems.map((problem) => withoutSecrets(problem, secrets)),
  }
}

function findProjectFile(
  { flags, cwd }: FindOptions,
  env: Environment,
  readFile: ReadFile,
): { readonly projectDir: string; readonly text: string } {
  const asked = flags.projectDir ?? dbtOption(env, 'PROJECT_DIR')
  const folders = asked === undefined ? upwards(cwd) : [resolve(cwd, asked)]
  for (const projectDir of folders) {
    const text = readFile(join(projectDir, 'dbt_project.yml'))
    if (text !== undefined) return { projectDir, text }
  }
  throw new UserError({
    message: `there is no dbt_project.yml in ${folders[0]}${asked === undefined ? ' or a folder above it' : ''}`,
    hint: 'Run this in a dbt project, or say where it is with --project-dir.',
  })
}

function readProjectFile(document: YamlDocument, scope: JinjaScope, problems: Problem[]) {
  problems.push(...document.problems)
  const value = isBlock(document.value) ? document.value : {}
  const read = (key: string): string | undefined => {
    const rendered = renderBelow(document, value[key], [key], scope, problems)
    return typeof rendered === 'string' && rendered !== '' ? rendered : undefined
  }
  // Few commands ask for these folders: a variable that is missing in them is no other's problem.
  const rendered = renderBelow(document, value['model-paths'], ['model-paths'], scope, [])
  const modelPaths = [rendered].flat().filter((path) => typeof path === 'string')
  const name = read('name')
  if (name === undefined && problems.length === 0) {
    problems.push({ message: 'has no `name`', where: { file: document.file } })
  }
  return {
    name: name ?? '',
    profile: read('profile'),
    targetPath: read('target-path'),
    modelPaths: modelPaths.length === 0 ? ['models'] : modelPaths,
    flags: isBlock(value['flags']) ? value['flags'] : {},
  }
}

/** `--vars`: YAML text of a mapping, as dbt takes it. */
function readVars(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined || text.trim() === '') return {}
  const { value, problems } = readYaml('--vars', text)
  if (problems.length === 0 && isBlock(value)) return value
  throw new UserError(
    {
      message: '--vars is no YAML mapping',
      hint: 'For example --vars \'{as_of: "2026-01-31"}\'.',
    },
    { exitCode: 2 },
  )
}

function absolute(projectDir: string, path: string): string {
  return isAbsolute(path) ? path : join(projectDir, path)
}

function withoutSecrets(problem: Problem, secrets: readonly string[]): Problem {
  const { message, key, hint } = problem
  return {
    ...problem,
    message: hideSecrets(message, secrets),
    ...(key === undefined ? {} : { key: hideSecrets(key, secrets) }),
    ...(hint === undefined ? {} : { hint: hideSecrets(hint, secrets) }),
  }
}

function allSecrets(env: Environment, found: ReadonlySet<string>): readonly string[] {
  const named = Object.entries(env).flatMap(([name, value]) =>
    name.startsWith(SECRET_PREFIX) && value ? [value] : [],
  )
  const all = new Set([...found, ...named].filter((value) => value.trim() !== ''))
  return [...all].sort((a, b) => b.length - a.length)
}
