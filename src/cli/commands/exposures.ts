import { join } from 'node:path'
import { isBlock } from '../../config/merge.ts'
import { UserError } from '../../errors.ts'
import { readOwner } from '../../exposures/exposure-owner.ts'
import { commandIn, differences, isOurs, renderFile } from '../../exposures/exposures-file.ts'
import { type Generated, generateExposures } from '../../exposures/generate.ts'
import type { Portal } from '../../exposures/sync-words.ts'
import { readTextFile } from '../../project/environment.ts'
import { examineProject, manifestPathOf, type ProjectFacts } from '../../project/find-project.ts'
import type { Settings } from '../../project/settings.ts'
import { readYaml } from '../../project/yaml-document.ts'
import type { DbtOwner, Manifest } from '../../types.ts'
import type { Io } from '../command-line/io.ts'
import { type Arguments, argumentList } from '../command-line/option.ts'
import { type OutputFile, outputFile } from '../exposures-output.ts'
import { type LoadedSyncs, loadSyncs } from '../load-syncs.ts'
import { readOwnFile, writeOwnFile } from '../own-file.ts'
import { shellWord } from '../render/shell-word.ts'
import { countOf } from '../render/words.ts'
import { whyNothing } from '../run/why-nothing.ts'
import { isSelective } from '../selection.ts'
import { findOptions, openLog } from '../session.ts'

type Log = ReturnType<typeof openLog>['log']

/** Writes the syncs down as dbt exposures. Needs the manifest only: no profile, no warehouse, no HubSpot. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const project = examineProject(findOptions(args, io))
  const { settings } = project
  if (settings === undefined || project.name === '') throw new UserError(project.problems)
  const { log } = openLog(args, io, project)
  const file = outputFile(args['output-file'], project)
  const portal = portalOf(args, settings, log)
  const owner = fallbackOwner(args['default-owner'])
  const isForced = args['force'] === true
  const before = readOwnFile(file, { command: 'backhaul exposures', isOurs, isForced })
  const loaded = await loadSyncs({ log, project: withAllSyncs(project, settings) }, args)
  if (loaded.problems.length > 0) throw new UserError(loaded.problems)
  refuseEmptySelection(args, loaded)
  const generated = generateExposures(loaded.selected, {
    projectName: loaded.manifest.projectName,
    groups: loaded.manifest.groups,
    others: otherExposures(loaded.manifest, project, file, log),
    portal,
    owner,
    restrictsAccess: (packageName) => restrictsAccess(project, packageName),
  })
  tell(generated, log)
  const after = renderFile(generated.exposures, optionsAsTyped(args, file))
  const isNeeded = before !== undefined || generated.exposures.length > 0
  const changes = isNeeded ? differences(before, after) : []
  if (changes.length > 0) io.stdout(`${[file.shown, ...changes].join('\n')}\n`)
  if (args['check'] === true) return check(file, changes, [before, after].map(commandOf), log)
  if (changes.length > 0) writeOwnFile(file, after)
  log.info(
    isNeeded
      ? `${countOf(generated.exposures.length, 'exposure')} in ${file.shown}${changes.length > 0 ? '; dbt reads the file at its next parse' : ': nothing to change'}`
      : (whyNothing(loaded) ?? 'Every sync is on an exposure already: there is nothing to write.'),
  )
  return 0
}

/** Which syncs there are may not hang on who runs this: one that any target switches on is one. */
function withAllSyncs(project: ProjectFacts, { allTargets }: Settings) {
  const syncs = Object.fromEntries(allTargets.enabledSyncs.map((name) => [name, { enabled: true }]))
  return { ...project, manifestPath: manifestPathOf(project), settings: { syncs } }
}

/** A misspelt name must not empty the file. */
function refuseEmptySelection(args: Arguments, loaded: LoadedSyncs): void {
  const why = whyNothing(loaded)
  if (isSelective(args) && why !== undefined) throw new UserError({ message: why })
}

/** Exposures whose names are taken: those that the project has in other files. */
function otherExposures(
  { exposures, projectName }: Manifest,
  { projectDir }: ProjectFacts,
  file: OutputFile,
  log: Log,
): Manifest['exposures'] {
  const elsewhere = exposures.filter(
    ({ packageName, originalFilePath }) =>
      packageName === projectName && originalFilePath !== file.shown,
  )
  const files = [...new Set(elsewhere.map(({ originalFilePath }) => originalFilePath))]
  const ours = files.filter((path) => isOurs(readTextFile(join(projectDir, path)) ?? ''))
  for (const path of ours) {
    log.warn(
      `${path} was written by \`backhaul exposures\`, too, and dbt reads both files: delete the one that you do not want`,
    )
  }
  return elsewhere.filter(({ originalFilePath }) => !ours.includes(originalFilePath))
}

/** The account that URLs lead to: the one that is asked for, or the only one that backhaul.yml names. HubSpot is not asked. */
function portalOf(args: Arguments, settings: Settings, log: Log): Portal | undefined {
  const uiDomain = String(args['ui-domain'])
  if (!/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/.test(uiDomain)) {
    throw usage(`--ui-domain needs a host, not ${uiDomain}`, 'For example app-eu1.hubspot.com.')
  }
  const asked = args['portal']
  if (asked !== undefined) {
    if (isPortalId(String(asked))) return { portalId: String(asked), uiDomain }
    throw usage(
      `--portal needs the id of an account, not ${asked}`,
      "It is the number in the address of HubSpot's pages, for example --portal 12345678.",
    )
  }
  const [portalId, ...others] = settings.allTargets.portalIds
  if (portalId === undefined) return undefined
  if (others.length === 0 && isPortalId(portalId)) return { portalId, uiDomain }
  log.warn(
    `backhaul.yml names the portals ${[portalId, ...others].join(', ')}: exposures have no URL. Choose one with --portal`,
  )
  return undefined
}

const isPortalId = (text: string): boolean => /^\d+$/.test(text)

function fallbackOwner(asked: unknown): DbtOwner | undefined {
  const owner = readOwner(asked)
  if (asked === undefined || owner !== undefined) return owner
  const hint = 'For example --default-owner "Revenue operations <revops@shop.example>".'
  throw usage('--default-owner needs a name, an address, or both', hint)
}

const usage = (message: string, hint: string): UserError =>
  new UserError({ message, hint }, { exitCode: 2 })

/** `restrict-access` of an installed package. */
function restrictsAccess({ projectDir }: ProjectFacts, packageName: string): boolean {
  const file = join(projectDir, 'dbt_packages', packageName, 'dbt_project.yml')
  const { value } = readYaml(file, readTextFile(file) ?? '')
  return isBlock(value) && value['restrict-access'] === true
}

function tell({ withoutOwner, outOfReach, onExposures }: Generated, log: Log): void {
  for (const { name, model } of outOfReach) {
    log.warn(
      `The sync ${name} gets no exposure: dbt lets none refer to ${model.name}, which is ${model.access}`,
    )
  }
  if (withoutOwner.length > 0) {
    log.warn(
      `Nobody is known to own ${withoutOwner.join(', ')}: say it in \`meta.owner\` of the model, in its dbt group, or with --default-owner`,
    )
  }
  if (onExposures.length > 0) {
    log.info(`On exposures of yours, and left to them: ${onExposures.join(', ')}`)
  }
}

/** In an order of their own: they are a union. */
const criteria = (value: unknown): readonly string[] =>
  [...new Set(argumentList(value).flatMap((word) => word.split(/\s+/)))].filter(Boolean).sort()

/** What decides about the content, so that whoever reads the file can write it again. */
function optionsAsTyped(args: Arguments, file: OutputFile): string {
  const typed = (name: string, ...values: readonly unknown[]) =>
    values.length === 0
      ? []
      : [`--${name} ${values.map((value) => shellWord(String(value))).join(' ')}`]
  const given = (name: string) => (args[name] === undefined ? [] : typed(name, args[name]))
  return [
    ...(file.isDefault ? [] : typed('output-file', file.shown)),
    ...typed('select', ...criteria(args['select'])),
    ...typed('exclude', ...criteria(args['exclude'])),
    ...typed('selector', ...criteria(args['selector'])),
    ...given('portal'),
    ...(args['ui-domain'] === 'app.hubspot.com' ? [] : given('ui-domain')),
    ...given('default-owner'),
  ]
    .join(' ')
    .replaceAll(/\s+/g, ' ')
}

const commandOf = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : commandIn(text)

function check(
  { shown }: OutputFile,
  changes: readonly string[],
  [before, now]: readonly (string | undefined)[],
  log: Log,
): number {
  if (changes.length === 0) {
    log.info(`${shown} says what the syncs say`)
    return 0
  }
  const otherwise = before === undefined || before === now ? '' : `. It was written by: ${before}`
  log.error(`${shown} is not what the syncs say: run ${now}, and commit the file${otherwise}`)
  return 1
}
