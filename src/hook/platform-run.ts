import { idOf, wordOf } from './delivery.ts'

/** The answer of the dbt platform about a run, as far as its artifacts and their use depend on it. */

/** An object of the API. */
export type Fields = Readonly<Record<string, unknown>>

/** What is asked of a run. */
export interface PlatformRun {
  readonly isComplete: boolean
  readonly isCancelled: boolean
  readonly areArtifactsSaved: boolean
  /** Undefined when the API does not say. */
  readonly finishedAt: string | undefined
  /** Why the run did not build what jobs of the environment build, e.g. for a pull request; undefined: it did. */
  readonly trial: string | undefined
  /** In order; empty when the API does not say. */
  readonly steps: readonly PlatformStep[]
}

export interface PlatformStep {
  /** From 1. */
  readonly index: number
  /** Holds the command, e.g. "Invoke dbt with `dbt build`". */
  readonly name: string
  /** 10 success, 20 error, 30 cancelled; undefined when the API does not say. */
  readonly status: number | undefined
}

/** A run of a list, as far as it is to be cared for. */
export interface EndedRun {
  readonly runId: string
  readonly jobId: string
  readonly jobName: string
  readonly environmentId: string
  readonly finishedAt: string
  readonly isCancelled: boolean
  /** As of a run that is asked for by itself. */
  readonly trial: string | undefined
}

/** Reads the answer of the API; what it does not say is taken for the usual. */
export function toRun(run: Fields): PlatformRun {
  const steps = (Array.isArray(run['run_steps']) ? run['run_steps'] : [])
    .map((step: unknown) => {
      const { index, name, status } = (step ?? {}) as Fields
      return {
        index: Number(index),
        name: typeof name === 'string' ? name : '',
        status: typeof status === 'number' ? status : undefined,
      }
    })
    .filter(({ index }) => Number.isInteger(index) && index > 0)
  const finished = run['finished_at']
  return {
    isComplete: run['is_complete'] === true,
    isCancelled: isCancelled(run),
    areArtifactsSaved: run['artifacts_saved'] !== false,
    finishedAt: typeof finished === 'string' ? finished : undefined,
    trial: whyTrial(run),
    steps: steps.sort((a, b) => a.index - b.index),
  }
}

/** A run that has ended; none of one that has not, or that the list tells nothing of. */
export function toEndedRun(run: Fields): readonly EndedRun[] {
  const runId = idOf(run['id'])
  const finished = run['finished_at']
  const finishedMs = typeof finished === 'string' ? Date.parse(finished) : Number.NaN
  if (runId === undefined || Number.isNaN(finishedMs) || run['is_complete'] === false) return []
  const { name } = (run['job'] ?? {}) as Fields
  return [
    {
      runId,
      jobId: idOf(run['job_definition_id']) ?? '',
      jobName: wordOf(name),
      environmentId: idOf(run['environment_id']) ?? '',
      finishedAt: new Date(finishedMs).toISOString(),
      isCancelled: isCancelled(run),
      trial: whyTrial(run),
    },
  ]
}

const isCancelled = (run: Fields): boolean => run['is_cancelled'] === true || run['status'] === 30

const pullRequestIds = [
  'github_pull_request_id',
  'gitlab_merge_request_id',
  'azure_pull_request_id',
  'non_native_pull_request_id',
]

/** What was built for a pull request, or in another schema, is nobody's customer. */
function whyTrial(run: Fields): string | undefined {
  const trigger = (run['trigger'] ?? {}) as Fields
  const job = (run['job'] ?? {}) as Fields
  if (pullRequestIds.some((id) => Boolean(trigger[id]))) return 'it was run for a pull request'
  if (job['job_type'] === 'ci') return 'its job is one for pull requests'
  const schema = trigger['schema_override']
  return typeof schema === 'string' && schema !== '' ? 'it built in another schema' : undefined
}

/** Commands of dbt, of which a step's name tells one. */
const commands =
  'build|run|test|seed|snapshot|clone|retry|run-operation|compile|docs|parse|list|ls|source|show|deps|debug|clean|init'
const building = ['build', 'run', 'test', 'seed', 'snapshot', 'clone', 'retry']

/** Whether the command that a step's name tells builds or tests something: "Invoke dbt with `dbt --quiet build -s customers`". */
export function buildsByName(name: string): boolean {
  const [, words = ''] = /^(?:Invoke dbt with\s+)?`?dbt\s+([^`]*)/i.exec(name.trim()) ?? []
  const command = words.split(/\s+/).find((word) => new RegExp(`^(${commands})$`).test(word))
  return command !== undefined && building.includes(command)
}
