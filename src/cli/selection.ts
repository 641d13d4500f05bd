import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Logger } from '../log.ts'
import { GraphReader } from '../manifest/graph-reader.ts'
import { readGraph, readManifest } from '../manifest/read-manifest.ts'
import { readRunResults } from '../manifest/run-results.ts'
import { fresherSources, readFreshness } from '../manifest/source-freshness.ts'
import { dbtOption } from '../project/environment.ts'
import type { Project } from '../project/find-project.ts'
import { parseCriterion, parseSelection, type Selection, usage } from '../selection/expression.ts'
import { noState, type SelectionFacts } from '../selection/methods.ts'
import type { NodeGraph } from '../selection/node.ts'
import { needsOf, type SelectionNeeds } from '../selection/select-syncs.ts'
import { defaultSelector } from '../selection/yaml-selectors.ts'
import type { Manifest } from '../types.ts'
import { type Arguments, argumentList } from './command-line/option.ts'

/** What of a session reading a manifest and selecting in it needs. */
export interface SelectionSession {
  readonly log: Logger
  readonly project: Pick<Project, 'projectDir' | 'dbtFlags' | 'targetPath' | 'manifestPath' | 'env'>
}

export interface ReadSelection {
  readonly manifest: Manifest
  readonly selection: Selection
  readonly facts: SelectionFacts
}

/** Some syncs are asked for, not all. */
export const isSelective = (args: Arguments): boolean =>
  ['select', 'exclude', 'selector'].some((name) => argumentList(args[name]).length > 0)

const everything: Selection = { included: undefined, excluded: [] }
const nothingRead: NodeGraph = { nodes: new Map(), macros: new Map() }

/**
 * Reads the manifest, and with it what the selection needs: dbt's graph only where the selection asks for nodes, and an
 * earlier state only where it compares.
 *
 * @param args of a command that selects; undefined: every sync is meant, whatever the default selector says
 * @throws UserError with exit code 2 for a selection that is not understood, or that lacks what it compares with
 */
export async function readSelection(
  session: SelectionSession,
  args: Arguments | undefined,
): Promise<ReadSelection> {
  const { log, project } = session
  const asked = args === undefined ? everything : askedSelection(args)
  // Only the manifest says what a selector consists of, so the graph is read in a second pass there.
  const early = asked === undefined ? undefined : graphNeeds(session, asked)
  let reader: GraphReader | undefined
  const manifest = await readManifest(project.manifestPath, {
    log,
    ...(early === undefined
      ? {}
      : {
          graphReader: () => {
            reader = new GraphReader(early)
            return reader
          },
        }),
  })
  const selectors = manifest.selectors ?? {}
  const isDefaultMeant = args !== undefined && !isSelective(args)
  const selection = asked ?? namedSelection(args ?? {})
  const chosen = isDefaultMeant ? (defaultSelection(session, selectors) ?? selection) : selection
  const needs = completeNeeds(session, needsOf(chosen, selectors))
  const graph =
    reader?.graph ??
    (needs.graph === undefined
      ? nothingRead
      : await readGraph(project.manifestPath, needs.graph, { log }))
  const compared = await readState(session, needs, stateFolder(session, args ?? {}))
  const facts = { graph, projectName: manifest.projectName, selectors, ...compared }
  return { manifest, selection: chosen, facts }
}

/** @returns undefined where only YAML selectors say what is meant */
function askedSelection(args: Arguments): Selection | undefined {
  const isNamed = args['selector'] !== undefined
  const select = argumentList(args['select'])
  const exclude = argumentList(args['exclude'])
  if (isNamed && select.length + exclude.length > 0) {
    throw usage(
      '--selector cannot be combined with --select or --exclude',
      `Write it as one of the criteria: --select selector:${String(args['selector'])}`,
    )
  }
  return isNamed ? undefined : parseSelection({ select, exclude })
}

/** @returns undefined where the syncs say it all, or where a second pass is needed anyway */
function graphNeeds(session: SelectionSession, selection: Selection): SelectionNeeds['graph'] {
  try {
    return completeNeeds(session, needsOf(selection, {})).graph
  } catch {
    return undefined
  }
}

/** A project's flag decides how sources are compared. */
function completeNeeds({ project }: SelectionSession, needs: SelectionNeeds): SelectionNeeds {
  const unrenderedSources =
    project.dbtFlags['state_modified_compare_more_unrendered_values'] === true
  return needs.graph === undefined
    ? needs
    : { ...needs, graph: { ...needs.graph, unrenderedSources } }
}

function namedSelection(args: Arguments): Selection {
  return ofSelector(String(args['selector']))
}

const ofSelector = (name: string): Selection => ({
  included: [
    { text: `selector:${name}`, expression: { ...parseCriterion('selector:'), value: name } },
  ],
  excluded: [],
})

function defaultSelection(
  { log }: SelectionSession,
  selectors: SelectionFacts['selectors'],
): Selection | undefined {
  const name = defaultSelector(selectors)
  if (name === undefined) return undefined
  log.info(`Using default selector ${name}`)
  return ofSelector(name)
}

/** Relative to the project's folder, as dbt has it. */
function stateFolder({ project }: SelectionSession, args: Arguments): string | undefined {
  const folder = args['state'] ?? dbtOption(project.env, 'STATE')
  return typeof folder === 'string' ? resolve(project.projectDir, folder) : undefined
}

type Compared = Pick<SelectionFacts, 'previous' | 'results' | 'fresherSources'>

async function readState(
  session: SelectionSession,
  needs: SelectionNeeds,
  folder: string | undefined,
): Promise<Compared> {
  const { log, project } = session
  const isUsed = needs.previous || needs.results || needs.freshness
  if (isUsed && folder === project.targetPath) {
    log.warn(
      `The state and target directories are the same: '${folder}'. dbt overwrites what is to be compared with: keep a copy of it in a folder of its own`,
    )
  }
  return {
    ...(needs.previous ? { previous: await readPrevious(session, needs, folder) } : {}),
    ...(needs.results ? { results: await readStatuses(project, folder) } : {}),
    ...(needs.freshness ? { fresherSources: await readFresher(project, folder) } : {}),
  }
}

async function readPrevious(
  { log }: SelectionSession,
  { graph }: SelectionNeeds,
  folder: string | undefined,
): Promise<NodeGraph> {
  const path = folder === undefined ? undefined : join(folder, 'manifest.json')
  if (path === undefined || graph === undefined) throw noState()
  if (!existsSync(path)) {
    throw usage(
      `Got a state selector method, but no comparison manifest: there is no ${path}`,
      'Copy the target/manifest.json of an earlier dbt run there, or name another folder with --state.',
    )
  }
  return readGraph(path, { ...graph, config: [] }, { log })
}

/** dbt takes results from `--state` alone; here those of the last build are taken without it. */
async function readStatuses(
  { targetPath }: SelectionSession['project'],
  folder: string | undefined,
): Promise<ReadonlyMap<string, string>> {
  const path = join(folder ?? targetPath, 'run_results.json')
  const found = await readRunResults(path)
  if (found === undefined) {
    throw usage(
      `No comparison run_results: there is no ${path}`,
      'Run `dbt build`, or name the folder with the results of an earlier one: --state DIR.',
    )
  }
  return new Map([...found.results].map(([id, { status }]) => [id, status]))
}

async function readFresher(
  { targetPath }: SelectionSession['project'],
  folder: string | undefined,
): Promise<ReadonlySet<string>> {
  if (folder === undefined) {
    throw usage(
      'No previous state comparison freshness results in sources.json',
      'Name the folder with the sources.json of an earlier `dbt source freshness`: --state DIR, or DBT_STATE.',
    )
  }
  const [before, now] = [join(folder, 'sources.json'), join(targetPath, 'sources.json')]
  const [previous, current] = [await readFreshness(before), await readFreshness(now)]
  if (previous === undefined) {
    throw usage(
      `No previous state comparison freshness results in sources.json: there is no ${before}`,
      'Copy the target/sources.json of an earlier `dbt source freshness` there.',
    )
  }
  if (current === undefined) {
    throw usage(
      `No current state comparison freshness results in sources.json: there is no ${now}`,
      'Run `dbt source freshness`.',
    )
  }
  return fresherSources(current, previous)
}
