import type { Manifest, Test } from '../types.ts'
import type { NodeResult, RunResults } from './run-results.ts'

export type GateMode = 'auto' | 'require' | 'off'

/** What the last dbt build says about one model. `exitCode` is what holding its syncs makes of the run. */
export type Verdict =
  | {
      readonly verdict: 'go'
      readonly exitCode: 0
      readonly why: string
      readonly warning?: string
    }
  | { readonly verdict: 'held'; readonly exitCode: 0 | 1; readonly why: string }

export interface Gate {
  /** A verdict for every model of the manifest, by `unique_id`. */
  readonly verdicts: ReadonlyMap<string, Verdict>
  /** Why no results were applied; to be said loudly. Absent when they were. */
  readonly ungated?: string
  /** What is odd about the results, but holds nothing and is no news after `dbt parse`. */
  readonly notes: readonly string[]
}

export interface GateRequest {
  readonly manifest: Manifest
  /** Undefined when there is no file. */
  readonly runResults: RunResults | undefined
  readonly mode: GateMode
  readonly nowMs: number
  /** Results older than this say nothing. */
  readonly maxAgeMs: number
}

/** Commands that build or test what is in the warehouse; others leave results in which nothing was built. */
const BUILDING: readonly string[] = ['build', 'run', 'seed', 'snapshot', 'test', 'clone', 'retry']

/**
 * Decides per model whether its syncs may run after the last dbt build. `--empty` and `--sample` builds hold
 * everything in every mode: the tables then do not hold the model's rows.
 */
export function gate(request: GateRequest): Gate {
  const { manifest, runResults, mode } = request
  const all = (verdict: Verdict): Gate['verdicts'] =>
    new Map([...manifest.models.keys()].map((id) => [id, verdict]))

  const partial = runResults === undefined ? undefined : partialBuild(runResults)
  if (partial !== undefined) {
    const why = `the last dbt ${runResults?.command ?? 'build'} ran with ${partial}, so that tables hold no or only some of their rows`
    return { verdicts: all({ verdict: 'held', exitCode: 1, why }), notes: [] }
  }
  if (mode === 'off') {
    return {
      verdicts: all({ verdict: 'go', exitCode: 0, why: 'the gate is off' }),
      ungated: 'the gate is off (--gate off)',
      notes: [],
    }
  }
  const unusable = whyUnusable(request)
  if (unusable !== undefined) {
    const verdict: Verdict =
      mode === 'require'
        ? { verdict: 'held', exitCode: 1, why: `${unusable}, and --gate require was given` }
        : { verdict: 'go', exitCode: 0, why: `ungated: ${unusable}` }
    return { verdicts: all(verdict), ungated: unusable, notes: [] }
  }
  const results = runResults?.results ?? new Map<string, NodeResult>()
  const command = runResults?.command ?? 'build'
  const tests = testsByModel(manifest.tests)
  const verdicts = new Map<string, Verdict>()
  for (const id of manifest.models.keys()) {
    verdicts.set(id, judge(id, tests.get(id) ?? [], results, command))
  }
  return { verdicts, notes: oddities(request) }
}

function partialBuild(results: RunResults): string | undefined {
  if (results.isEmpty) return '--empty'
  return results.isSample ? '--sample' : undefined
}

function whyUnusable({ runResults, nowMs, maxAgeMs }: GateRequest): string | undefined {
  if (runResults === undefined) return 'there are no results of a dbt build'
  const { command, generatedAt } = runResults
  if (command !== undefined && !BUILDING.includes(command)) {
    return `the last results were written by \`dbt ${command}\`, which builds nothing`
  }
  const ageMs = generatedAt === undefined ? Number.NaN : nowMs - Date.parse(generatedAt)
  if (Number.isNaN(ageMs))
    return 'the results of the last dbt build do not say when they were written'
  if (ageMs > maxAgeMs) {
    return `the results of the last dbt build are ${hours(ageMs)} old (more than ${hours(maxAgeMs)})`
  }
  return undefined
}

const hours = (ms: number): string => `${Math.round(ms / 360_000) / 10} h`

const GOOD: readonly string[] = ['success', 'reused', 'warn', 'pass']

function judge(
  id: string,
  tests: readonly Test[],
  results: ReadonlyMap<string, NodeResult>,
  command: string,
): Verdict {
  const own = results.get(id)
  const failed = tests.flatMap((test) => {
    const result = results.get(test.uniqueId)
    return result !== undefined && ['fail', 'error', 'runtime error'].includes(result.status)
      ? [test.name]
      : []
  })
  if (own !== undefined && !GOOD.includes(own.status)) {
    const detail = own.message === undefined ? '' : `: ${firstLine(own.message)}`
    return { verdict: 'held', exitCode: 1, why: `dbt reports ${own.status} for the model${detail}` }
  }
  if (failed.length > 0) {
    const word = failed.length === 1 ? 'test' : 'tests'
    return {
      verdict: 'held',
      exitCode: 1,
      why: `failed dbt ${word} of the model: ${failed.join(', ')}`,
    }
  }
  if (own === undefined && !isTested(tests, results, command)) {
    return {
      verdict: 'held',
      exitCode: 0,
      why: `the model was not part of the last dbt ${command}`,
    }
  }
  const warned = tests.filter((test) => results.get(test.uniqueId)?.status === 'warn')
  const why = own === undefined ? 'its dbt tests passed' : `dbt reports ${own.status}`
  const warnings = [
    ...(own?.status === 'warn' ? ['dbt built the model with warnings'] : []),
    ...(warned.length > 0 ? [`dbt tests warn: ${warned.map(({ name }) => name).join(', ')}`] : []),
  ]
  return {
    verdict: 'go',
    exitCode: 0,
    why,
    ...(warnings.length === 0 ? {} : { warning: warnings.join('; ') }),
  }
}

/** `dbt test` builds nothing: a model whose tests ran is then as good as built. */
function isTested(
  tests: readonly Test[],
  results: ReadonlyMap<string, NodeResult>,
  command: string,
): boolean {
  return command === 'test' && tests.some(({ uniqueId }) => results.has(uniqueId))
}

function oddities({ manifest, runResults }: GateRequest): readonly string[] {
  if (runResults === undefined || runResults.invocationId === manifest.invocationId) return []
  return [
    'the manifest and the results of the last dbt build come from different dbt invocations; they are joined by model',
  ]
}

function testsByModel(tests: readonly Test[]): ReadonlyMap<string, readonly Test[]> {
  const byModel = new Map<string, Test[]>()
  for (const test of tests) {
    for (const id of testedModels(test)) byModel.set(id, [...(byModel.get(id) ?? []), test])
  }
  return byModel
}

function firstLine(message: string): string {
  const [line = ''] = message.trim().split('\n')
  return line.length > 200 ? `${line.slice(0, 200)}…` : line
}

/**
 * The models that a test speaks of: the tested node, else everything it reads
 * (a `relationships` test reads two models but tests one; a singular test names none).
 */
function testedModels(test: Test): readonly string[] {
  if (test.attachedNode !== undefined) return [test.attachedNode]
  return test.kind === 'unit' ? test.dependsOn.slice(0, 1) : test.dependsOn
}
