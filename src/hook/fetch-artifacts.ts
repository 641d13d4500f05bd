import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { makeFolder } from '../make-folder.ts'
import { readRunResults } from '../manifest/run-results.ts'
import type { Clock } from '../types.ts'
import type { DbtPlatform } from './dbt-platform.ts'
import type { JobEvent } from './delivery.ts'
import { writeDurably } from './durable-file.ts'
import {
  buildingSteps,
  joinSteps,
  type KnownResult,
  type KnownResults,
  remember,
  resultsFile,
  type StepResults,
  withLaterResults,
} from './node-results.ts'
import { PlatformError } from './platform-error.ts'
import { buildsByName, type PlatformRun, type PlatformStep } from './platform-run.ts'
import { emptyFolder } from './queue-files.ts'

/** What is known of the run from its event. */
type Run = Pick<JobEvent, 'runId' | 'accountId' | 'environmentId' | 'finishedAt'>

/** What there is to sync of a run. */
export type Fetched =
  | { readonly kind: 'built'; readonly targetPath: string }
  /** Nothing, for good. */
  | { readonly kind: 'nothing'; readonly why: string }

export interface FetchContext {
  readonly platform: DbtPlatform
  /** The queue's folder. */
  readonly folder: string
  /** Emptied, and filled with the artifacts. */
  readonly workFolder: string
  /** Results of nodes are known for so long. */
  readonly rememberMs: number
  readonly log: Logger
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** A run that left no artifacts so long after its end left none. */
const artifactsAfterMs = 5 * 60 * 1000

/**
 * Fetches the manifest and the results of a run into a folder that looks like dbt's `target`.
 *
 * @throws PlatformError when they are not there yet, or cannot be had now
 */
export async function fetchArtifacts(context: FetchContext, event: Run): Promise<Fetched> {
  const { platform, workFolder, signal, clock } = context
  const run = await platform.readRun(event.runId, signal)
  const nothing = whyNothing(run, event, clock())
  if (nothing !== undefined) return { kind: 'nothing', why: nothing }
  await emptyFolder(workFolder)
  const targetPath = join(workFolder, 'target')
  makeFolder(targetPath, 0o700)

  const steps = buildingSteps(await readSteps(context, event, run))
  const last = steps.at(-1)
  if (last === undefined)
    return { kind: 'nothing', why: 'none of its steps built or tested anything' }
  await fetchManifest(context, event, last.step, join(targetPath, 'manifest.json'))
  const joined = await joinWithLater(context, event, joinSteps(steps, event))
  await writeDurably(targetPath, 'run_results.json', resultsFile(steps, joined))
  return { kind: 'built', targetPath }
}

function whyNothing(run: PlatformRun, event: Run, nowMs: number): string | undefined {
  if (run.trial !== undefined) return run.trial
  if (run.isCancelled) return 'it was cancelled'
  const action = `fetch the artifacts of run ${event.runId} from the dbt platform`
  if (!run.isComplete) throw notYet(action, 'the run has not ended yet')
  if (run.areArtifactsSaved) return undefined
  if (nowMs - Date.parse(run.finishedAt ?? event.finishedAt) > artifactsAfterMs) {
    return 'it left no artifacts: it ended before dbt built anything'
  }
  throw notYet(action, 'they are not there yet')
}

const notYet = (action: string, detail: string): PlatformError =>
  new PlatformError({ action, detail, isTransient: true })

interface FetchedStep extends StepResults {
  readonly step: number | undefined
}

const success = 10

/**
 * A step that built or tested something left its results: without them nobody knows what failed. One that failed may have ended before
 * dbt began.
 */
const mustHaveResults = ({ name, status = success }: PlatformStep): boolean =>
  status === success && buildsByName(name)

/**
 * The results of every step that left some.
 *
 * @throws PlatformError when those of a step that built something are not there
 */
async function readSteps(
  { platform, workFolder, signal }: FetchContext,
  event: Run,
  run: PlatformRun,
): Promise<readonly FetchedStep[]> {
  const asked =
    run.steps.length === 0 ? [{ index: undefined, name: '', status: undefined }] : run.steps
  const steps: FetchedStep[] = []
  for (const asking of asked) {
    const { index, name } = asking
    const path = join(workFolder, 'step.json')
    const artifact = { runId: event.runId, name: 'run_results.json', step: index } as const
    if (!(await platform.download(artifact, path, signal))) {
      if (index === undefined || !mustHaveResults({ ...asking, index })) continue
      const action = `fetch run_results.json of step ${index} of run ${event.runId} from the dbt platform`
      throw notYet(
        action,
        `it is not there (HTTP 404), and the step says that it succeeded: ${name}`,
      )
    }
    const results = await readRunResults(path).catch((cause: unknown) => {
      if (!(cause instanceof UserError)) throw cause
      const action = `read run_results.json of run ${event.runId}`
      throw new PlatformError({ action, detail: 'it is damaged', isTransient: true, cause })
    })
    await rm(path, { force: true })
    if (results !== undefined) steps.push({ results, name, step: index })
  }
  return steps
}

async function fetchManifest(
  { platform, signal }: FetchContext,
  { runId }: Run,
  step: number | undefined,
  path: string,
): Promise<void> {
  const name = 'manifest.json'
  if (await platform.download({ runId, name, step }, path, signal)) return
  if (
    step !== undefined &&
    (await platform.download({ runId, name, step: undefined }, path, signal))
  )
    return
  throw notYet(`fetch ${name} of run ${runId} from the dbt platform`, 'it is not there')
}

const knownSchema = z.record(
  z.string(),
  z.object({
    status: z.string(),
    message: z.string().optional(),
    relationName: z.string().optional(),
    at: z.string(),
    runId: z.string(),
  }),
)

/** Joins with what later runs of the environment did, and remembers what this one did. */
async function joinWithLater(
  { folder, rememberMs, clock, log }: FetchContext,
  { accountId, environmentId, finishedAt, runId }: Run,
  own: KnownResults,
): Promise<KnownResults> {
  const name = `results-${accountId || 'account'}-${environmentId || 'environment'}.json`
  const known = await readKnown(join(folder, name))
  const joined = withLaterResults(own, known, finishedAt)
  const later = new Set([...joined.values()].map((result) => result.runId))
  later.delete(runId)
  if (later.size > 0) {
    log.info(
      `Run ${runId}: later runs (${[...later].join(', ')}) built or tested the same; their results count`,
    )
  }
  const kept = remember(known, own, clock() - rememberMs)
  await writeDurably(folder, name, JSON.stringify(Object.fromEntries(kept)))
  return joined
}

async function readKnown(path: string): Promise<KnownResults> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  const { data } = knownSchema.safeParse(parsed(text))
  return new Map(
    Object.entries(data ?? {}).map(([id, result]): [string, KnownResult] => [
      id,
      { ...result, message: result.message },
    ]),
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
