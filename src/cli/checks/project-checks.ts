import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readRunResults } from '../../manifest/run-results.ts'
import { manifestPathOf, type ProjectFacts } from '../../project/find-project.ts'
import { isSecretKey } from '../../project/secrets.ts'
import { SETTINGS_FILE } from '../../project/settings.ts'
import type { Checklist } from '../checklist.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { type LoadedSyncs, loadSyncs } from '../load-syncs.ts'
import { ageOf, countOf } from '../render/words.ts'
import type { Session } from '../session.ts'
import { version } from '../version.ts'

const oldestNode = [22, 12] as const

/** Backhaul, Node.js and the machine. */
export function checkVersions(list: Checklist): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const found = `backhaul ${version()}, Node.js ${process.versions.node}, ${process.platform} ${process.arch}`
  const isOld = major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])
  if (isOld) list.error('versions', found, `Install Node.js ${oldestNode.join('.')} or newer.`)
  else list.ok('versions', found)
}

/** dbt_project.yml, profiles.yml and backhaul.yml: each line says what was found, or what is wrong in that file. */
export function checkFiles(facts: ProjectFacts, list: Checklist): void {
  const ofProfiles = facts.problems.filter(({ where }) => where?.file.endsWith('profiles.yml'))
  const ofSettings = facts.problems.filter(({ where }) => where?.file.endsWith(SETTINGS_FILE))
  const others = facts.problems.filter(
    (problem) => !ofProfiles.includes(problem) && !ofSettings.includes(problem),
  )
  const ofProject = others.filter(({ where }) => where?.file.endsWith('dbt_project.yml'))
  const rest = others.filter((problem) => !ofProject.includes(problem))
  if (ofProject.length > 0) list.problems('project', ofProject)
  else list.ok('project', `${facts.name}, ${join(facts.projectDir, 'dbt_project.yml')}`)
  checkProfile(facts, [...ofProfiles, ...rest], list)
  if (ofSettings.length > 0) list.problems('settings', ofSettings)
  else list.ok('settings', describeSettings(facts))
}

function checkProfile(
  { profile, profileName }: ProjectFacts,
  problems: ProjectFacts['problems'],
  list: Checklist,
): void {
  if (problems.length > 0) list.problems('profile', problems)
  if (profile === undefined) {
    if (problems.length === 0) list.skip('profile', `${profileName ?? 'none'} could not be read`)
    return
  }
  list.ok('profile', `${profile.name}, target ${profile.targetName}, ${profile.file}`)
  const { type, settings } = profile.connection
  const keys = Object.entries(settings).map(([key, value]) => `${key}=${shown(key, value)}`)
  list.ok('connection', [`type=${type}`, ...keys].join(', '))
}

/** Keys that say where the data is, and who asks. */
const placeKeys =
  /^(account|host|user|role|warehouse|database|dbname|schema|project|execution_project|dataset|location|path)$/

/** A value of the profile. A secret may stand in the wrong key: what is not known to be harmless is not shown. */
function shown(key: string, value: unknown): string {
  if (isSecretKey(key)) return '*****'
  const isHarmless =
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    (typeof value === 'string' && placeKeys.test(key))
  return isHarmless ? String(value) : '…'
}

function describeSettings({ settings, projectDir, profile }: ProjectFacts): string {
  if (settings === undefined) return `could not be read from ${join(projectDir, SETTINGS_FILE)}`
  const file = settings.file ?? `no ${SETTINGS_FILE}, all defaults`
  const schema = profile === undefined ? '' : `schema ${settings.schema}, `
  return `${file}; ${schema}HubSpot at ${settings.baseUrl}`
}

/** The manifest, the syncs in it, and the results of the last build. */
export async function checkManifest(
  facts: ProjectFacts,
  session: Omit<Session, 'project' | 'say'>,
  args: Arguments,
  list: Checklist,
): Promise<LoadedSyncs | undefined> {
  const manifestPath = manifestPathOf(facts)
  const loaded = await list.attempt('manifest', () =>
    loadSyncs(
      {
        ...session,
        project: {
          projectDir: facts.projectDir,
          dbtFlags: facts.dbtFlags,
          targetPath: facts.targetPath,
          manifestPath,
          env: facts.env,
          settings: { syncs: facts.settings?.syncs ?? {} },
        },
      },
      args,
    ),
  )
  if (loaded === undefined) return undefined
  const { manifest, all, selected, problems } = loaded
  const age = ageOf(manifest.generatedAt, session.io.clock())
  list.ok('manifest', `written by dbt ${manifest.dbtVersion} ${age}, ${manifestPath}`)
  if (problems.length > 0) list.problems('syncs', problems)
  if (all.length > 0) {
    list.ok('syncs', `${all.length} found, ${selected.length} selected: ${names(selected)}`)
  } else if (problems.length === 0) {
    list.error(
      'syncs',
      'no model has a sync',
      'Add `config: {meta: {hubspot: {…}}}` to a model, and run `dbt parse`.',
    )
  }
  await checkResults(facts, session.io, list)
  return loaded
}

async function checkResults(facts: ProjectFacts, io: Io, list: Checklist): Promise<void> {
  const path = join(facts.targetPath, 'run_results.json')
  if (!existsSync(path)) {
    list.skip('build results', 'none: a run is ungated, the tables are taken as they are')
    return
  }
  const results = await list.attempt('build results', () => readRunResults(path))
  if (results === undefined) return
  const age = ageOf(results.generatedAt, io.clock())
  list.ok(
    'build results',
    `dbt ${results.command ?? 'build'} ${age}, ${countOf(results.results.size, 'node')}`,
  )
}

const names = (syncs: LoadedSyncs['selected']): string =>
  syncs.length === 0 ? 'none' : syncs.map((sync) => sync.name).join(', ')
