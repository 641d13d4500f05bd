import { z } from 'zod'
import { key, nonEmpty } from './values-schema.ts'

/** `hook:` of `backhaul.yml`. Its secrets come from the environment only. */

/** Ids of the dbt platform. */
const platformId = z.union([
  z.int().min(1),
  z.string().regex(/^\d{1,20}$/, 'must be an id of the dbt platform (digits)'),
])

export const hookSchema = z.strictObject({
  dbt_host: key(nonEmpty.optional(), {
    description:
      'Access URL of the dbt platform account; the environment variable `DBT_CLOUD_HOST_URL` wins. There is no default: it differs by region and account.',
    defaultText: 'none',
    examples: ['ab123.us1.dbt.com'],
  }),
  account_id: key(platformId.optional(), {
    description:
      'Account of the dbt platform; the environment variable `DBT_CLOUD_ACCOUNT_ID` wins. Webhooks of other accounts are ignored.',
    defaultText: 'none',
    examples: [12345],
  }),
  jobs: key(z.array(platformId).optional(), {
    description: 'Jobs whose runs are followed by their syncs.',
    defaultText: 'none; a run counts when its job or its environment is named',
    examples: [[67890]],
  }),
  environments: key(z.array(platformId).optional(), {
    description: 'Environments all of whose jobs are followed by their syncs.',
    defaultText: 'none; a run counts when its job or its environment is named',
    examples: [[4321]],
  }),
  host: key(nonEmpty.optional(), {
    description:
      'Address to listen on. Others than that of this machine need a proxy with TLS in front.',
    defaultText: '`127.0.0.1`',
    examples: ['0.0.0.0'],
  }),
  port: key(z.int().min(0).max(65_535).optional(), {
    description: 'Port to listen on.',
    defaultText: '`8580`',
    examples: [8080],
  }),
  queue_dir: key(nonEmpty.optional(), {
    description:
      "Folder of the queue, relative to the project's. It has to outlive the process: in a container, a volume.",
    defaultText: '`.backhaul/hook`',
    examples: ['/var/lib/backhaul/hook'],
  }),
  max_attempts: key(z.int().min(1).max(100).optional(), {
    description: 'Attempts for one run of a job, until it counts as failed.',
    defaultText: '`6`',
    examples: [10],
  }),
  retry_after_seconds: key(z.int().min(1).max(3600).optional(), {
    description: 'Pause before the second attempt; doubled with each, up to an hour.',
    defaultText: '`60`',
    examples: [30],
  }),
  max_run_minutes: key(z.int().min(1).max(10_000).optional(), {
    description:
      'A run of syncs that takes longer finishes what is under way, and goes on in the next attempt.',
    defaultText: '`360`',
    examples: [120],
  }),
  max_event_age_hours: key(z.number().positive().max(720).optional(), {
    description:
      'Older webhooks are refused. Runs that ended are known for twice as long, so that none is carried out again. More than 24 sends no more: results of dbt that are older than 24 hours hold every sync.',
    defaultText: '`24`',
    examples: [6],
  }),
  max_artifact_mb: key(z.int().min(1).optional(), {
    description: 'Larger artifacts are refused.',
    defaultText: '`1024`',
    examples: [200],
  }),
  post_to: key(nonEmpty.optional(), {
    description:
      'URL that results are posted to as JSON: a Slack webhook, or whatever understands `{"text": …}`. Write an `env_var`, never a URL that holds a secret.',
    defaultText: 'nowhere',
    examples: ["{{ env_var('SLACK_WEBHOOK_URL') }}"],
  }),
  post_on: key(z.enum(['all', 'failures']).optional(), {
    description:
      'Whether every result is posted, or only those of runs that did not come out well.',
    defaultText: '`all`',
    examples: ['failures'],
  }),
})

export type HookInput = z.infer<typeof hookSchema>
