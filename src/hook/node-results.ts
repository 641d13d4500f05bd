import type { NodeResult, RunResults } from '../manifest/run-results.ts'
import { buildsSomething } from '../manifest/steps.ts'

/** How a node came out of a run of the dbt platform, joined over the run's steps. */
export interface KnownResult {
  readonly status: string
  readonly message: string | undefined
  /** Where it was built; absent where dbt does not say. */
  readonly relationName?: string | undefined
  /** ISO 8601: when the run ended. */
  readonly at: string
  readonly runId: string
}

export type KnownResults = ReadonlyMap<string, KnownResult>

/** The results of one step of a run, with what its name says about it. */
export interface StepResults {
  readonly results: RunResults
  /** The command as far as the step tells it: dbt 2 does not record `--empty` and `--sample`. */
  readonly name: string
}

/** The steps that built or tested something, each invocation once: a step that writes no results may show those of the step before. */
export function buildingSteps<Step extends StepResults>(steps: readonly Step[]): readonly Step[] {
  const met = new Set<string>()
  return steps.filter(({ results }) => {
    const { invocationId } = results
    if (!buildsSomething(results)) return false
    if (invocationId === undefined) return true
    const isNew = !met.has(invocationId)
    met.add(invocationId)
    return isNew
  })
}

/** Joins steps by node: what was done last counts. What was built with `--empty` or `--sample` does not hold the model's rows. */
export function joinSteps(
  steps: readonly StepResults[],
  run: { readonly runId: string; readonly finishedAt: string },
): KnownResults {
  const joined = new Map<string, KnownResult>()
  for (const { results, name } of steps) {
    const partial = partialOption(results, name)
    for (const node of results.results.values()) {
      joined.set(node.uniqueId, {
        ...toKnown(node, partial),
        at: run.finishedAt,
        runId: run.runId,
      })
    }
  }
  return joined
}

function toKnown(
  { uniqueId, status, message, relationName }: NodeResult,
  partial: string | undefined,
): Pick<KnownResult, 'status' | 'message' | 'relationName'> {
  return partial === undefined || isTest(uniqueId)
    ? { status, message, relationName }
    : { status: 'error', message: `built with ${partial}: the table holds no or only some rows` }
}

function partialOption(results: RunResults, name: string): string | undefined {
  if (results.isEmpty || /\s--empty\b/.test(name)) return '--empty'
  return results.isSample || /\s--sample\b/.test(name) ? '--sample' : undefined
}

const isTest = (uniqueId: string): boolean => /^(unit_)?test\./.test(uniqueId)

/**
 * What holds for the nodes of a run, given what later runs of the same environment did: tables are those of the last build, so its
 * results are what the gate has to go by. Tests of later runs count, too; models that only they built are none of this run's.
 */
export function withLaterResults(own: KnownResults, known: KnownResults, at: string): KnownResults {
  const held = new Map(own)
  for (const [id, later] of known) {
    if (Date.parse(later.at) <= Date.parse(at)) continue
    if (own.has(id) || isTest(id)) held.set(id, later)
  }
  return held
}

/** Keeps the newest result of each node, and forgets those from before a moment. */
export function remember(known: KnownResults, own: KnownResults, since: number): KnownResults {
  const kept = new Map([...known].filter(([, { at }]) => Date.parse(at) >= since))
  for (const [id, result] of own) {
    const before = kept.get(id)
    if (before === undefined || Date.parse(before.at) <= Date.parse(result.at)) kept.set(id, result)
  }
  return kept
}

/** Results as one `run_results.json`, which the gate reads like one of dbt's. */
export function resultsFile(steps: readonly StepResults[], joined: KnownResults): string {
  const last = steps.at(-1)?.results
  return JSON.stringify({
    metadata: {
      dbt_schema_version: 'https://schemas.getdbt.com/dbt/run-results/v6.json',
      dbt_version: last?.dbtVersion ?? 'unknown',
      generated_at: last?.generatedAt ?? null,
      invocation_id: last?.invocationId ?? null,
      env: last?.env ?? {},
    },
    // The target is left out: jobs of the dbt platform have target names of their own, `default` mostly.
    args: argsOf(steps.map(({ results }) => results)),
    results: [...joined].map(([unique_id, { status, message, relationName }]) => ({
      unique_id,
      status,
      message: message ?? null,
      relation_name: relationName ?? null,
    })),
    elapsed_time: 0,
  })
}

/**
 * The command that built most, and whether it was about the whole project: else a test that the job left out on purpose would be taken
 * for one that dbt did not reach. A retry lists only what it tried again. Of a choice tests are missed only where every step that built was one with its tests.
 */
function argsOf(steps: readonly RunResults[]): Readonly<Record<string, unknown>> {
  const building = steps.filter(({ command }) => command !== 'test')
  const builds = building.filter(({ command }) => command === undefined || command === 'build')
  const which = builds.length > 0 ? 'build' : (building[0]?.command ?? 'test')
  const isWhole = ({ isWholeProject, isRetry }: RunResults) => isWholeProject === true && !isRetry
  if (builds.length === 0) return { which, select: ['a choice'] }
  if (builds.every(isWhole)) return { which }
  const takesTests = building.every(
    (step) => builds.includes(step) && step.takesTestsAlong === true && !step.isRetry,
  )
  return { which, select: ['a choice'], ...(takesTests ? { indirect_selection: 'eager' } : {}) }
}
