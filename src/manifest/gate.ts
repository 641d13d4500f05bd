import type { HoldCause, Manifest, SyncGate } from '../types.ts'
import { upstreamOf } from '../upstream.ts'
import {
  FAILED,
  type Facts,
  failedTests,
  hasRun,
  isOfWholeProject,
  skippedTests,
  testsByNode,
  testsOf,
  unreachedTests,
} from './gate-facts.ts'
import { detail, namesOf, phrases, whatElse } from './gate-words.ts'
import type { NodeResult, RunResults } from './run-results.ts'
import { buildsSomething, commandOf, joinSteps, type Steps, type StepsRequest } from './steps.ts'

export type GateMode = 'auto' | 'require' | 'off'

/** What the last dbt build says about one model. `exitCode` is what holding its syncs makes of the run. */
export type Verdict =
  | {
      readonly verdict: 'go'
      readonly exitCode: 0
      readonly why: string
      readonly warning?: string
    }
  | {
      readonly verdict: 'held'
      readonly exitCode: 0 | 1
      readonly why: string
      /** The nodes and tests of dbt that hold it; empty when it is no node's doing. */
      readonly causes: readonly HoldCause[]
    }

export interface Gate {
  /** @param id `unique_id` of a model of the manifest */
  readonly verdictOf: (id: string, policy?: SyncGate) => Verdict
  /** Why no results were applied; to be said loudly. Absent when they were. */
  readonly ungated?: string
  /** What somebody should look at, though it holds nothing. */
  readonly warnings: readonly string[]
  /** What is odd about the results, but holds nothing and is no news after `dbt parse`. */
  readonly notes: readonly string[]
}

export interface GateRequest extends StepsRequest {
  readonly manifest: Manifest
  /** selectors.yml has a default, which chooses where nothing is selected; no result says so. */
  readonly hasDefaultSelector?: boolean
  readonly mode: GateMode
}

/** What a sync asks of the gate that says nothing itself. */
const defaultSyncGate: SyncGate = { check: 'tests', upstream: [] }

/**
 * Decides per model and sync whether the sync may run after the last dbt build. `--empty` and `--sample` builds hold
 * everything in every mode: the tables then do not hold the model's rows.
 */
export function gate(request: GateRequest): Gate {
  const { manifest, mode, runResults } = request
  const joined = joinSteps(request)
  const partial = partialBuild(runResults.filter((one) => isLastBuild(one, joined)))
  if (partial !== undefined) {
    const why = `the last dbt ${partial.command} ran with ${partial.option}, so that tables hold no or only some of their rows`
    return all({ verdict: 'held', exitCode: 1, why, causes: [] })
  }
  if (mode === 'off') {
    return all(go('the gate is off'), { ungated: 'the gate is off (--gate off)' })
  }
  const off = go('the gate is off for this sync')
  if (joined.unusable !== undefined) {
    const why = joined.unusable
    const verdict: Verdict =
      mode === 'require'
        ? {
            verdict: 'held',
            exitCode: 1,
            why: `${why}, and --gate require was given`,
            causes: [],
          }
        : go(`ungated: ${why}`)
    return {
      ...all(verdict, { ungated: why }),
      verdictOf: (_, policy) => (policy?.check === 'off' ? off : verdict),
    }
  }
  const facts: Facts = {
    manifest,
    joined,
    tests: testsByNode(manifest.tests),
    hasDefaultSelector: request.hasDefaultSelector === true,
  }
  return {
    verdictOf: (id, policy = defaultSyncGate) =>
      policy.check === 'off' ? off : judge(id, policy, facts),
    warnings: failedHooks(joined),
    notes: [...joined.notes, ...oddities(request, joined)],
  }
}

const go = (why: string, warnings: readonly string[] = []): Verdict => ({
  verdict: 'go',
  exitCode: 0,
  why,
  ...(warnings.length === 0 ? {} : { warning: warnings.join('; ') }),
})

const all = (verdict: Verdict, more: Pick<Gate, 'ungated'> = {}): Gate => ({
  verdictOf: () => verdict,
  warnings: [],
  notes: [],
  ...more,
})

/** Old results count, too, as long as there are no newer ones: nothing has built the tables since. */
const isLastBuild = (results: RunResults, { steps }: Steps): boolean =>
  steps.length === 0 ? buildsSomething(results) : steps.includes(results)

function partialBuild(
  steps: readonly RunResults[],
): { readonly command: string; readonly option: string } | undefined {
  const step = steps.find(({ isEmpty, isSample }) => isEmpty || isSample)
  return step && { command: commandOf(step), option: step.isEmpty ? '--empty' : '--sample' }
}

const GOOD: readonly string[] = ['success', 'reused', 'warn', 'pass']

function judge(id: string, policy: SyncGate, facts: Facts): Verdict {
  const { results, commands } = facts.joined
  const own = results.get(id)
  const held = (why: string, causes: readonly HoldCause[]): Verdict => ({
    verdict: 'held',
    exitCode: 1,
    why,
    causes,
  })
  if (own !== undefined && !GOOD.includes(own.status)) {
    const causes = causesOf(own, facts)
    return held(`dbt reports ${own.status} for the model${detail(own, causes, facts)}`, causes)
  }
  const elsewhere = builtElsewhere(id, own, facts)
  if (elsewhere !== undefined) return held(elsewhere, [])
  const doubts = testDoubts(id, own, facts)
  const [doubt] = doubts
  if (policy.check === 'tests' && doubt !== undefined) {
    return held(`${doubt.why}: ${namesOf(doubt.causes, facts)}`, doubt.causes)
  }
  const upstream = policy.upstream.flatMap((node) => untrustedIn(node, policy, facts))
  if (upstream.length > 0) {
    return held(`what the model is made of is not well: ${phrases(upstream, facts)}`, upstream)
  }
  const builtEarlier = own === undefined && isBuiltBeforeRetry(id, facts)
  if (own === undefined && !builtEarlier && !isTested(id, facts)) {
    const why = `the model was not part of the last dbt ${commands}${whatElse(facts)}`
    return { verdict: 'held', exitCode: 0, why, causes: [] }
  }
  const warned = testsOf(id, facts).filter(
    ({ uniqueId }) => results.get(uniqueId)?.status === 'warn',
  )
  const warnings = [
    ...(own?.status === 'warn' ? ['dbt built the model with warnings'] : []),
    ...doubts.map(({ warning, causes }) => `${warning}: ${namesOf(causes, facts)}`),
    ...(warned.length > 0 ? [`dbt tests warn: ${warned.map(({ name }) => name).join(', ')}`] : []),
  ]
  if (own !== undefined) return go(`dbt reports ${own.status}`, warnings)
  return go(builtEarlier ? 'built before the retry' : 'its dbt tests passed', warnings)
}

const tests = (causes: readonly HoldCause[]): string => (causes.length === 1 ? 'test' : 'tests')

/** Tests that a model cannot be said to have passed. */
interface TestDoubt {
  readonly causes: readonly HoldCause[]
  /** Why a sync is held for them; the names of the tests follow. */
  readonly why: string
  /** The same where the sync does not ask for tests, and goes. */
  readonly warning: string
}

/** Worst first. */
function testDoubts(id: string, own: NodeResult | undefined, facts: Facts): readonly TestDoubt[] {
  const failed = failedTests(id, facts)
  const skipped = skippedTests(id, facts)
  const unreached = unreachedTests(id, own, facts)
  return [
    {
      causes: failed,
      why: `failed dbt ${tests(failed)} of the model`,
      warning: `failed dbt ${tests(failed)}`,
    },
    {
      causes: skipped,
      why: `dbt skipped ${tests(skipped)} of the model`,
      warning: `dbt skipped ${tests(skipped)}`,
    },
    {
      causes: unreached,
      why: `the last dbt build ended before the model's ${tests(unreached)}`,
      warning: `dbt ended before its ${tests(unreached)}`,
    },
  ].filter(({ causes }) => causes.length > 0)
}

/** What is wrong with a node itself, and by the policy with its tests. */
function failuresOf(
  node: string,
  { check }: Pick<SyncGate, 'check'>,
  facts: Facts,
): readonly HoldCause[] {
  const status = facts.joined.results.get(node)?.status
  const own = status !== undefined && !GOOD.includes(status) ? [{ node, status }] : []
  return check === 'tests' ? [...own, ...failedTests(node, facts)] : own
}

/** The same, and of a node that is well the tests that dbt skipped. */
function untrustedIn(
  node: string,
  policy: Pick<SyncGate, 'check'>,
  facts: Facts,
): readonly HoldCause[] {
  const failures = failuresOf(node, policy, facts)
  if (failures.length > 0 || policy.check !== 'tests') return failures
  return skippedTests(node, facts)
}

/** The node itself, or of a skip what dbt skipped it for: the nearest of its own tests and of what it reads. */
function causesOf(own: NodeResult, facts: Facts): readonly HoldCause[] {
  const itself = [{ node: own.uniqueId, status: own.status }]
  if (own.status !== 'skipped') return itself
  const tests = failedTests(own.uniqueId, facts)
  if (tests.length > 0) return tests
  for (const node of upstreamOf(own.uniqueId, facts.manifest)) {
    const failures = failuresOf(node, { check: 'tests' }, facts)
    const real = failures.filter(({ status }) => status !== 'skipped')
    if (real.length > 0) return real
  }
  return itself
}

/**
 * A retry tries again what was not well; of a build of the whole project the rest was. Of a choice nobody knows here
 * whether a model was in it.
 */
function isBuiltBeforeRetry(id: string, facts: Facts): boolean {
  const { manifest, joined } = facts
  const type = manifest.models.get(id)?.resourceType
  return joined.steps.some(
    (step) =>
      step.isRetry === true &&
      isOfWholeProject(step, facts) &&
      (step.command === 'build' ||
        step.command === { model: 'run', seed: 'seed', snapshot: 'snapshot' }[type ?? 'model']),
  )
}

/** `dbt test` builds nothing: a model whose tests ran is then as good as built. */
function isTested(id: string, facts: Facts): boolean {
  return facts.joined.steps.some(
    (step) =>
      step.command === 'test' &&
      testsOf(id, facts).some(
        ({ uniqueId }) =>
          hasRun(step.results.get(uniqueId)) ||
          (step.isRetry === true && isOfWholeProject(step, facts)),
      ),
  )
}

/** Results and manifest of two invocations may be of two targets: then the names of the model's table differ. */
function builtElsewhere(
  id: string,
  own: NodeResult | undefined,
  { manifest, joined }: Facts,
): string | undefined {
  const expected = manifest.models.get(id)?.relationName
  const built = own?.relationName
  if (expected === undefined || built === undefined || built === expected) return undefined
  return `the last dbt ${joined.commands} wrote ${built}, and dbt's manifest now has the model in ${expected}`
}

/** Hooks build nothing that a sync reads. */
function failedHooks({ results }: Steps): readonly string[] {
  const failed = [...results.values()].filter(
    ({ uniqueId, status }) => uniqueId.startsWith('operation.') && FAILED.includes(status),
  )
  return failed.map(
    ({ uniqueId }) => `dbt's hook ${uniqueId} failed in the last build; no sync is held for it`,
  )
}

function oddities({ manifest }: GateRequest, { steps }: Steps): readonly string[] {
  if (steps.at(-1)?.invocationId === manifest.invocationId) return []
  return [
    'the manifest and the results of the last dbt build come from different dbt invocations; they are joined by model',
  ]
}
