import { dirname, isAbsolute, join } from 'node:path'
import { jsonSchema, settingsJsonSchema } from '../../config/json-schema.ts'
import { UserError } from '../../errors.ts'
import { bitbucketPipeline } from '../../init/ci/bitbucket.ts'
import { githubWorkflow } from '../../init/ci/github.ts'
import { gitlabPipeline } from '../../init/ci/gitlab.ts'
import type { PipelineFacts } from '../../init/ci/pipeline.ts'
import { insertSync, newFile, type SyncHome } from '../../init/insert-sync.ts'
import { settingsText } from '../../init/settings-text.ts'
import { blockOf, type NewSync } from '../../init/sync-block.ts'
import { insertAt } from '../../init/yaml-editor.ts'
import { readTextFile } from '../../project/environment.ts'
import type { Project } from '../../project/find-project.ts'
import { SETTINGS_FILE } from '../../project/settings.ts'
import type { Account, Model } from '../../types.ts'
import type { Arguments } from '../command-line/option.ts'
import { isOwnSchema } from '../commands/schema.ts'
import type { Unshared } from './ignored-files.ts'
import { isBelow, pathFrom, type Surroundings } from './surroundings.ts'

/** A file that is written, or changed. */
export interface FileChange {
  readonly path: string
  /** What stands there; undefined for nothing. */
  readonly before: string | undefined
  readonly after: string
  /** In a few words, for the list of files. */
  readonly about: string
  /** What is shown in place of the lines that change: of a file that may hold secrets, in those lines or beside them. */
  readonly shown?: readonly string[]
}

/** Something that whoever runs the command has to do, with what to paste. */
export interface Advice {
  readonly text: string
  readonly lines?: readonly string[]
}

export interface Planned {
  readonly changes: readonly FileChange[]
  readonly advice: readonly Advice[]
}

const nothing: Planned = { changes: [], advice: [] }
const both = (one: Planned, other: Planned): Planned => ({
  changes: [...one.changes, ...other.changes],
  advice: [...one.advice, ...other.advice],
})
export const allOf = (parts: readonly Planned[]): Planned => parts.reduce(both, nothing)

/** The YAML that describes a model: what dbt says, else a file of its own beside it. */
export function propertiesFile(project: Project, model: Model): string {
  const { patchPath, originalFilePath, name } = model
  const path = patchPath ?? join(dirname(originalFilePath), `${name}.yml`)
  return join(project.projectDir, path)
}

export const homeOf = ({ resourceType, name }: Model): SyncHome => ({
  section: `${resourceType}s`,
  name,
})

/** The sync, in the model's YAML. */
export function syncChange(path: string, shown: string, model: Model, sync: NewSync): FileChange {
  const before = readTextFile(path)
  const [home, block] = [homeOf(model), blockOf(sync)]
  const after =
    before === undefined
      ? newFile(home, block, sync.comment)
      : insertSync({ shown, text: before }, home, block, sync.comment)
  return { path, before, after, about: `the sync ${sync.name}` }
}

/** backhaul.yml where there is none. */
export function settingsChange(
  { projectDir }: Project,
  { writingTarget }: Surroundings,
  account: Account | undefined,
): Planned {
  const path = join(projectDir, SETTINGS_FILE)
  if (readTextFile(path) !== undefined) return nothing
  const after = settingsText({ target: writingTarget, portalId: account?.portalId })
  const about = 'settings; no target may write to a real account until one is listed there'
  return { changes: [{ path, before: undefined, after, about }], advice: [] }
}

const providers = { github: githubWorkflow, gitlab: gitlabPipeline, bitbucket: bitbucketPipeline }

/** The file for CI. One of another make is written over with `--force` only, and one that holds other jobs never. */
export function pipelineChange(args: Arguments, root: string, facts: PipelineFacts): Planned {
  const provider = providerOf(args['ci'], root)
  if (provider === undefined) return nothing
  const { path, text } = providers[provider](facts)
  const full = join(root, path)
  const before = readTextFile(full)
  if (before === text) return nothing
  const about = `plans on ${provider === 'gitlab' ? 'a merge' : 'a pull'} request, runs after a merge`
  const change = { changes: [{ path: full, before, after: text, about }], advice: [] }
  if (before === undefined) return change
  if (provider !== 'github') {
    if (before.includes('backhaul run')) return nothing
    const advice = {
      text: `${path} is there already: add these jobs to it`,
      lines: text.split('\n'),
    }
    return { changes: [], advice: [advice] }
  }
  if (args['force'] === true) return change
  return {
    changes: [],
    advice: [{ text: `${path} is there already, and is left as it is (--force writes over it)` }],
  }
}

function providerOf(asked: unknown, root: string): keyof typeof providers | undefined {
  if (asked === 'none') return undefined
  if (asked === 'github' || asked === 'gitlab' || asked === 'bitbucket') return asked
  if (readTextFile(join(root, '.gitlab-ci.yml')) !== undefined) return 'gitlab'
  if (readTextFile(join(root, 'bitbucket-pipelines.yml')) !== undefined) return 'bitbucket'
  return 'github'
}

/** What editors check syncs by. @param file that has the sync: only who writes `.yaml` files needs them to be checked */
export function editorChanges(
  args: Arguments,
  project: Project,
  root: string,
  file: string,
): Planned {
  if (args['editor'] === 'none') return nothing
  const folder = pathFrom(root, project.projectDir)
  const inFolder = (path: string) => (folder === '' ? path : `${folder}/${path}`)
  const endings = file.endsWith('.yaml') ? ['yml', 'yaml'] : ['yml']
  const schemas = {
    './.vscode/backhaul.schema.json': endings.flatMap((ending) =>
      [...project.modelPaths, 'seeds', 'snapshots'].map((path) =>
        inFolder(`${path}/**/*.${ending}`),
      ),
    ),
    './.vscode/backhaul-settings.schema.json': inFolder(SETTINGS_FILE),
  }
  const written = [
    ['.vscode/backhaul.schema.json', jsonSchema()],
    ['.vscode/backhaul-settings.schema.json', settingsJsonSchema()],
  ] as const
  const files = written.flatMap(([name, schema]): FileChange[] => {
    const path = join(root, name)
    const before = readTextFile(path)
    const after = `${JSON.stringify(schema, null, 2)}\n`
    if (before === after || (before !== undefined && !isOwnSchema(before))) return []
    return [{ path, before, after, about: 'what an editor completes and checks by' }]
  })
  const path = join(root, '.vscode', 'settings.json')
  const before = readTextFile(path)
  const text = `${JSON.stringify({ 'yaml.schemas': schemas }, null, 2)}\n`
  if (before === undefined) {
    const about = 'tells the YAML extension of the two'
    return { changes: [...files, { path, before, after: text, about }], advice: [] }
  }
  if (before.includes('backhaul.schema.json')) return { changes: files, advice: [] }
  const advice = {
    text: '.vscode/settings.json is there already: add this to it',
    lines: text.trim().split('\n').slice(1, -1),
  }
  return { changes: files, advice: [advice] }
}

/** Lines of .gitignore for files that belong to nobody else. */
export const ignoreChanges = (unignored: readonly Unshared[]): Planned =>
  allOf(
    [...new Set(unignored.map(({ folder }) => folder))].map((folder) => {
      const own = unignored.filter((file) => file.folder === folder)
      return ignoreChange(
        folder,
        own.map(({ line }) => line),
      )
    }),
  )

function ignoreChange(folder: string, lines: readonly string[]): Planned {
  const path = join(folder, '.gitignore')
  const before = readTextFile(path)
  const newline = before?.includes('\r\n') ? '\r\n' : '\n'
  const gap = before === undefined || before === '' || before.endsWith('\n') ? '' : newline
  const after = `${before ?? ''}${gap}${lines.map((line) => `${line}${newline}`).join('')}`
  return { changes: [{ path, before, after, about: 'what is not to be committed' }], advice: [] }
}

/**
 * The entry of the profile by which dbt reads our file, where our tables are in one. In a profile outside of the repository only
 * when that is asked for; with Jinja in the path it is for others to say.
 */
export function attachChange(
  args: Arguments,
  project: Project,
  { rawOutput, hasOwnProfiles }: Surroundings,
  stateFile: string | undefined,
): Planned {
  if (stateFile === undefined) return nothing
  const { projectDir, profilesFile, profileName, targetName } = project
  const written = String(rawOutput['path'] ?? '')
  const path = isAbsolute(written) ? stateFile : pathFrom(projectDir, stateFile)
  const alias = stateFile.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, '')
  const attached = Array.isArray(rawOutput['attach']) ? rawOutput['attach'] : []
  if (JSON.stringify(attached).includes(alias)) return nothing
  const entry = { path, alias }
  const isTemplate = /\{[{%]/.test(written)
  const way = hasOwnProfiles || isTemplate ? '' : ', or run this again with --attach'
  const lines = ['attach:', `  - {path: ${path}, alias: ${alias}}`]
  const advice = {
    text: `To read the audit tables in dbt, add this to the target ${targetName} in ${profilesFile}${way}`,
    lines,
  }
  const isAllowed = hasOwnProfiles || args['attach'] === true
  if (!isAllowed || isTemplate) return { changes: [], advice: [advice] }
  const before = readTextFile(profilesFile) ?? ''
  const keys = [profileName, 'outputs', targetName, 'attach']
  try {
    const after = insertAt({ shown: profilesFile, text: before }, keys, entry)
    const about = `lets dbt read ${alias}, which holds the audit tables`
    return { changes: [{ path: profilesFile, before, after, about, shown: lines }], advice: [] }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { changes: [], advice: [advice] }
  }
}

/** Files of ours that a commit must not take along. The state file may be beside the project, in the same repository. */
export function unsharedFiles(
  { projectDir, targetPath }: Pick<Project, 'projectDir' | 'targetPath'>,
  root: string,
  stateFile: string | undefined,
): readonly Unshared[] {
  const home = [projectDir, root].find(
    (folder) => stateFile !== undefined && isBelow(folder, stateFile),
  )
  return [
    { path: join(projectDir, '.env'), folder: projectDir, line: '.env' },
    ...(stateFile === undefined || home === undefined
      ? []
      : [{ path: stateFile, folder: home, line: `/${pathFrom(home, stateFile)}*` }]),
    ...(isBelow(projectDir, targetPath)
      ? [
          {
            path: join(targetPath, 'backhaul', 'run_results.json'),
            folder: projectDir,
            line: `${pathFrom(projectDir, targetPath)}/`,
          },
        ]
      : []),
  ]
}
