import { resolve } from 'node:path'
import type { HookInput } from '../../config/hook-schema.ts'
import { type Problem, UserError } from '../../errors.ts'
import type { EventFilter } from '../../hook/delivery.ts'
import type { ResultPost } from '../../hook/post-result.ts'
import type { Project } from '../../project/find-project.ts'
import { isLoopback } from '../../project/settings.ts'
import { type Arguments, argumentList } from '../command-line/option.ts'

/** What `backhaul hook` goes by: flags, then the environment, then `hook:` of backhaul.yml, then defaults. */
export interface HookOptions {
  readonly host: string
  readonly port: number
  readonly dbtUrl: string
  readonly accountId: string
  readonly filter: EventFilter
  readonly maxAttempts: number
  readonly retryAfterMs: number
  readonly maxRunMs: number
  readonly maxArtifactBytes: number
  readonly post: ResultPost | undefined
  readonly token: string
  /** Of the webhooks; several while one is replaced by another. */
  readonly webhookSecrets: readonly string[]
}

type Described = Pick<Project, 'projectDir' | 'env'> & {
  readonly settings: Pick<Project['settings'], 'hook' | 'hookProblems'>
}

export const TOKEN_VARIABLE = 'DBT_CLOUD_TOKEN'
export const SECRET_VARIABLE = 'DBT_CLOUD_WEBHOOK_SECRET'

const hourMs = 60 * 60 * 1000

export const queueFolder = ({ projectDir, settings }: Described, args: Arguments): string =>
  resolve(projectDir, textOf(args['queue-dir']) ?? settings.hook.queue_dir ?? '.backhaul/hook')

export const maxAgeMs = ({ max_event_age_hours: hours = 24 }: HookInput): number => hours * hourMs

/**
 * @param isListening false: one run is asked for, so that neither webhooks nor jobs are of interest
 * @throws UserError with everything that is missing or wrong
 */
export function readHookOptions(
  { settings, env }: Described,
  args: Arguments,
  isListening: boolean,
): HookOptions {
  const { hook } = settings
  const problems: Problem[] = [...settings.hookProblems]
  const dbtUrl = readUrl(
    textOf(args['dbt-host']) ?? (env['DBT_CLOUD_HOST_URL'] || hook.dbt_host),
    problems,
  )
  const accountId = readId(
    textOf(args['account']) ?? (env['DBT_CLOUD_ACCOUNT_ID'] || hook.account_id),
    problems,
  )
  const jobs = argumentList(args['job'])
  const environments = argumentList(args['environment'])
  const isAsked = jobs.length + environments.length > 0
  const filter = {
    accountId,
    jobs: isAsked ? jobs : argumentList(hook.jobs),
    environments: isAsked ? environments : argumentList(hook.environments),
    maxAgeMs: maxAgeMs(hook),
  }
  const token = env[TOKEN_VARIABLE] ?? ''
  const webhookSecrets = (env[SECRET_VARIABLE] ?? '').split(/[\s,]+/).filter(Boolean)
  if (token === '') problems.push(missingToken)
  if (isListening) problems.push(...filterProblems(filter), ...secretProblems(webhookSecrets))
  const post = readPost(hook, problems)
  const port = Number(args['port'] ?? hook.port ?? 8580)
  if (port > 65_535) problems.push({ message: `--port ${port}: there are ports up to 65535` })
  if (problems.length > 0) throw new UserError(problems, { exitCode: 2 })
  return {
    host: textOf(args['host']) ?? hook.host ?? '127.0.0.1',
    port,
    dbtUrl,
    accountId,
    filter,
    maxAttempts: hook.max_attempts ?? 6,
    retryAfterMs: (hook.retry_after_seconds ?? 60) * 1000,
    maxRunMs: (hook.max_run_minutes ?? 360) * 60_000,
    maxArtifactBytes: (hook.max_artifact_mb ?? 1024) * 1_000_000,
    post,
    token,
    webhookSecrets,
  }
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** `ab123.us1.dbt.com`, or with what stands around it where people copy it from. */
function readUrl(given: string | undefined, problems: Problem[]): string {
  if (given === undefined) {
    problems.push({
      message: 'there is no host of the dbt platform',
      hint: 'Give the access URL of the account (Account settings → Access URLs), e.g. --dbt-host ab123.us1.dbt.com, DBT_CLOUD_HOST_URL or `hook.dbt_host`.',
    })
    return ''
  }
  const url = /^https?:\/\//.test(given) ? given : `https://${given}`
  const isSafe = URL.canParse(url) && (url.startsWith('https:') || isLoopback(url))
  if (isSafe) return new URL(url).origin
  problems.push({
    message: 'the host of the dbt platform is no host name or https URL',
    hint: 'For example --dbt-host ab123.us1.dbt.com.',
  })
  return ''
}

function readId(given: string | number | undefined, problems: Problem[]): string {
  const id = given === undefined ? '' : String(given)
  if (/^\d{1,20}$/.test(id)) return id
  problems.push({
    message:
      id === '' ? 'there is no account of the dbt platform' : 'the account is no id (digits)',
    hint: 'Its id is in the URLs of the dbt platform: --account 12345, DBT_CLOUD_ACCOUNT_ID or `hook.account_id`.',
  })
  return ''
}

function filterProblems({ jobs, environments }: EventFilter): readonly Problem[] {
  const all = [...jobs, ...environments]
  if (all.length === 0) {
    return [
      {
        message: 'there is no job to listen to',
        hint: 'Name jobs or environments of the dbt platform: --job 67890, --environment 4321, or `hook.jobs` and `hook.environments`.',
      },
    ]
  }
  return all
    .filter((id) => !/^\d{1,20}$/.test(id))
    .map((id) => ({
      message: `${id} is no id of a job or environment (digits)`,
      hint: 'It is in the URL of its page in the dbt platform.',
    }))
}

const missingToken: Problem = {
  message: `${TOKEN_VARIABLE} is not set`,
  hint: 'It holds a service token (or personal token) of the dbt platform that may read runs; artifacts are fetched with it.',
}

const secretProblems = (secrets: readonly string[]): readonly Problem[] =>
  secrets.length > 0
    ? []
    : [
        {
          message: `${SECRET_VARIABLE} is not set`,
          hint: 'It holds the secret that the dbt platform shows once when a webhook is made; webhooks are checked with it.',
        },
      ]

function readPost({ post_to: url, post_on: on = 'all' }: HookInput, problems: Problem[]) {
  if (url === undefined) return undefined
  const isSafe =
    URL.canParse(url) &&
    (new URL(url).protocol === 'https:' || (/^http:/.test(url) && isLoopback(url)))
  if (isSafe) return { url, on }
  problems.push({ message: 'is no https URL', key: 'hook.post_to' })
  return undefined
}
