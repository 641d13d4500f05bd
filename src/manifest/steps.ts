import type { NodeResult, RunResults } from './run-results.ts'

/** Commands that build or test what is in the warehouse; others leave results in which nothing was built. */
const BUILDING: readonly string[] = ['build', 'run', 'seed', 'snapshot', 'test', 'clone', 'retry']

/** Variables that tell one run of a job from the next, as `DBT_ENV_CUSTOM_ENV_CI_RUN_ID` gives them to dbt. */
const JOB_ID = /(?:^|_)(?:RUN|BUILD|PIPELINE)_ID$/

/** Results of the dbt commands of one job, oldest first, that say something about the tables. */
export interface Steps {
  readonly steps: readonly RunResults[]
  /** The last word on each node. */
  readonly results: ReadonlyMap<string, NodeResult>
  /** Their commands, e.g. `run, test`. */
  readonly commands: string
  /** Why there is no step; absent when there is one. */
  readonly unusable?: string
  /** Why some were left out, where others are left. */
  readonly notes: readonly string[]
}

export interface StepsRequest {
  /** Of one job, in any order; empty when there is no file. */
  readonly runResults: readonly RunResults[]
  /**
   * What this job is called, as dbt is told: `CI_RUN_ID` of `DBT_ENV_CUSTOM_ENV_CI_RUN_ID`. Not what the manifest says: after a
   * partial parse its variables are those of an earlier command.
   */
  readonly env: Readonly<Record<string, string>>
  readonly nowMs: number
  /** Results older than this say nothing. */
  readonly maxAgeMs: number
}

/** Joins the results of a job's steps by node; what is older than the job, or built nothing, is left out. */
export function joinSteps({ runResults, env, nowMs, maxAgeMs }: StepsRequest): Steps {
  const steps: RunResults[] = []
  const left: string[] = []
  const inOrder = [...runResults].sort((one, other) => timeOf(one) - timeOf(other))
  const job = { ...inOrder.at(-1)?.env, ...env }
  for (const results of inOrder) {
    const why = whyUnusable(results, job, nowMs, maxAgeMs)
    if (why === undefined) steps.push(results)
    else left.push(why)
  }
  const unusable = left.at(-1) ?? 'there are no results of a dbt build'
  return {
    steps,
    results: new Map(steps.flatMap(({ results }) => [...results])),
    commands: [...new Set(steps.map(commandOf))].join(', '),
    ...(steps.length === 0 ? { unusable } : {}),
    notes: steps.length === 0 ? [] : left.map((why) => `left out: ${why}`),
  }
}

export const buildsSomething = ({ command }: RunResults): boolean =>
  command === undefined || BUILDING.includes(command)

export const commandOf = ({ command, isRetry }: RunResults): string =>
  isRetry ? 'retry' : (command ?? 'build')

/** Damaged times come first: nothing is overwritten by them. */
function timeOf({ generatedAt }: RunResults): number {
  const time = Date.parse(generatedAt ?? '')
  return Number.isNaN(time) ? 0 : time
}

function whyUnusable(
  results: RunResults,
  job: Readonly<Record<string, string>>,
  nowMs: number,
  maxAgeMs: number,
): string | undefined {
  const { command, generatedAt, env: own } = results
  if (!buildsSomething(results)) {
    return `the last results were written by \`dbt ${command}\`, which builds nothing`
  }
  const ageMs = generatedAt === undefined ? Number.NaN : nowMs - Date.parse(generatedAt)
  if (Number.isNaN(ageMs)) {
    return 'the results of the last dbt build do not say when they were written'
  }
  if (ageMs > maxAgeMs) {
    return `the results of the last dbt build are ${hours(ageMs)} old (more than ${hours(maxAgeMs)})`
  }
  const id = Object.keys(own).find(
    (name) => JOB_ID.test(name) && job[name] !== undefined && job[name] !== own[name],
  )
  return id === undefined
    ? undefined
    : `the results of the last dbt build are another job's: their ${id} is not this one's`
}

const hours = (ms: number): string => `${Math.round(ms / 360_000) / 10} h`
