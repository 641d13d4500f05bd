import { existsSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { isBlock } from '../../config/merge.ts'
import type { PipelineFacts } from '../../init/ci/pipeline.ts'
import { readTextFile, upwards } from '../../project/environment.ts'
import type { Project } from '../../project/find-project.ts'
import { readYaml } from '../../project/yaml-document.ts'
import type { Manifest } from '../../types.ts'
import { version } from '../version.ts'

/** What is around the project: its repository, and its profile as it is written. */
export interface Surroundings {
  /** Top folder of the repository; the project's where there is none. */
  readonly root: string
  /** Names of the profile's targets. */
  readonly targets: readonly string[]
  /** The target to write to production from. */
  readonly writingTarget: string
  /** The chosen target's keys, with Jinja as it is written. */
  readonly rawOutput: Readonly<Record<string, unknown>>
  /** profiles.yml is part of the repository. */
  readonly hasOwnProfiles: boolean
}

export function lookAround(project: Project): Surroundings {
  const { projectDir, profilesFile, profileName, targetName } = project
  const root = upwards(projectDir).find((folder) => existsSync(join(folder, '.git'))) ?? projectDir
  const { value } = readYaml(profilesFile, readTextFile(profilesFile) ?? '')
  const profile = isBlock(value) ? value[profileName] : undefined
  const outputs = isBlock(profile) && isBlock(profile['outputs']) ? profile['outputs'] : {}
  const targets = Object.keys(outputs)
  const production = targets.find((name) => /^(prod|production|live)$/i.test(name))
  const own = outputs[targetName]
  return {
    root,
    targets,
    writingTarget: production ?? targetName,
    rawOutput: isBlock(own) ? own : {},
    hasOwnProfiles: isBelow(root, profilesFile),
  }
}

export const isBelow = (folder: string, path: string): boolean => {
  const way = relative(folder, path)
  return way !== '' && !way.startsWith('..') && !/^([A-Za-z]:|[\\/])/.test(way)
}

/** Path with forward slashes; empty for the folder itself. */
export const pathFrom = (folder: string, path: string): string =>
  relative(folder, path).replaceAll('\\', '/')

/** What a file for CI says of the project. */
export function pipelineFacts(
  project: Project,
  { root, writingTarget, hasOwnProfiles }: Surroundings,
  manifest: Manifest,
  stateFile: string | undefined,
): PipelineFacts {
  const profiles = readTextFile(project.profilesFile) ?? ''
  const names = [...profiles.matchAll(/env_var\(\s*['"](\w+)['"]\s*\)/g)].map(([, name]) => name)
  const [, dbtVersion] = /^(1\.\d+)\./.exec(manifest.dbtVersion) ?? []
  return {
    version: version(),
    adapter: project.connection.type,
    dbtVersion,
    target: writingTarget,
    folder: pathFrom(root, project.projectDir),
    profilesFolder: hasOwnProfiles ? pathFrom(root, dirname(project.profilesFile)) : undefined,
    variables: names.filter((name) => name !== undefined),
    branch: mainBranch(root),
    stateFile: stateFile === undefined ? undefined : pathFrom(root, stateFile),
  }
}

/** What the remote takes for its main branch, as far as Git was told. */
function mainBranch(root: string): string {
  const git = join(root, '.git')
  if (statSync(git, { throwIfNoEntry: false })?.isDirectory() !== true) return 'main'
  const ofRemote = readTextFile(join(git, 'refs', 'remotes', 'origin', 'HEAD')) ?? ''
  const [, name] = /^ref: refs\/remotes\/origin\/([\w./-]+)\s*$/.exec(ofRemote) ?? []
  if (name !== undefined) return name
  return (readTextFile(join(git, 'HEAD')) ?? '').trim() === 'ref: refs/heads/master'
    ? 'master'
    : 'main'
}
