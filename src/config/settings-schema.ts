import { z } from 'zod'
import { alertSchema } from './alert-schema.ts'
import { hookSchema } from './hook-schema.ts'
import { count, flag, key, nonEmpty } from './values-schema.ts'

/** `backhaul.yml`, and what a target may override of it. */

const portalId = z.union([
  z.int().min(1),
  z.string().regex(/^\d+$/, 'must be a portal id (digits)'),
])

/** Keys of `hubspot:`, each of which a target may set, too. */
const hubspotKeys = {
  access_token: key(nonEmpty.optional(), {
    description:
      'Access token of a HubSpot private app. Write an `env_var`, never the token itself.',
    defaultText: "`{{ env_var('HUBSPOT_ACCESS_TOKEN') }}`",
    examples: ["{{ env_var('HUBSPOT_STAGING_TOKEN') }}"],
  }),
  token_command: key(z.union([nonEmpty, z.array(nonEmpty).min(1)]).optional(), {
    description: 'Command that prints the access token; run without a shell.',
    defaultText: 'none',
    examples: [['op', 'read', 'op://team/hubspot/token']],
  }),
  oauth: key(
    z
      .strictObject({
        client_id: key(nonEmpty, { description: "The app's client id.", examples: ['12ab-34cd'] }),
        client_secret: key(nonEmpty, {
          description: "The app's client secret.",
          examples: ["{{ env_var('HUBSPOT_CLIENT_SECRET') }}"],
        }),
        refresh_token: key(nonEmpty, {
          description: 'Refresh token of the portal.',
          examples: ["{{ env_var('HUBSPOT_REFRESH_TOKEN') }}"],
        }),
      })
      .optional(),
    {
      description: 'OAuth app instead of a private app.',
      defaultText: 'none',
      examples: [{ client_id: '…', client_secret: '…', refresh_token: '…' }],
    },
  ),
  base_url: key(z.url({ error: 'must be a URL' }).optional(), {
    description:
      "Address of HubSpot's API; the environment variable `HUBSPOT_BASE_URL` wins. How the sandbox is reached.",
    defaultText: '`https://api.hubapi.com`',
    examples: ['http://127.0.0.1:8765'],
  }),
  requests_per_10_seconds: key(z.int().min(1).optional(), {
    description: 'Requests in ten seconds, when other apps shall have a share of the limit.',
    defaultText: "learnt from HubSpot's answers",
    examples: [100],
  }),
  max_calls_per_run: key(z.int().min(1).optional(), {
    description: 'Requests that one run may make; the daily limit is shared with other apps.',
    defaultText: '`100000`',
    examples: [20000],
  }),
  request_timeout_seconds: key(z.number().positive().optional(), {
    description: 'How long one request may take.',
    defaultText: '`30`',
    examples: [60],
  }),
  search_delay_seconds: key(z.int().min(0).optional(), {
    description:
      "How long HubSpot's search may take to show what was written. What was sent since then counts as found; a create whose answer was lost is looked for until then.",
    defaultText: '`600`',
    examples: [1800],
  }),
  concurrency: key(z.int().min(1).max(100).optional(), {
    description: 'Requests under way at the same time.',
    defaultText: '`8`',
    examples: [4],
  }),
}

const syncOverride = z.strictObject({
  enabled: key(flag.optional(), {
    description: 'Switches the sync on or off for this target.',
    defaultText: '`enabled` of the sync',
    examples: [false],
  }),
})

const targetSettings = z.strictObject({
  portal_id: key(portalId.optional(), {
    description: 'The only portal that this target may write to.',
    defaultText: 'any portal of the token',
    examples: [12345678],
  }),
  ...hubspotKeys,
  syncs: key(z.record(z.string(), syncOverride).optional(), {
    description: 'Syncs that differ for this target, by name.',
    defaultText: 'none',
    examples: [{ contacts: { enabled: false } }],
  }),
})

export const settingsSchema = z.strictObject({
  version: key(z.literal(1).default(1), {
    description: 'Version of this file.',
    examples: [1],
  }),
  hubspot: key(z.strictObject(hubspotKeys).optional(), {
    description: 'How HubSpot is reached, for all targets.',
    defaultText: 'see its keys',
    examples: [{ requests_per_10_seconds: 100 }],
  }),
  targets: key(
    z.union([z.array(nonEmpty), z.record(z.string(), targetSettings.nullable())]).optional(),
    {
      description:
        'dbt targets that may write to HubSpot: a list of names, or names with what differs for them. Every other target may plan, and may write to a sandbox only.',
      defaultText: 'no target may write to a real portal',
      examples: [['prod'], { prod: { portal_id: 12345678 } }],
    },
  ),
  schema: key(nonEmpty.default('{target_schema}_backhaul'), {
    description:
      "Schema of the state and audit tables. `{target_schema}` stands for the schema of dbt's target, `{target}` for its name.",
    examples: ['backhaul', '{target_schema}_hubspot'],
  }),
  audit: key(
    z
      .strictObject({
        values: key(z.enum(['full', 'hashed', 'none']).default('full'), {
          description: 'Whether audit tables, reports and artifacts hold property values.',
          examples: ['hashed'],
        }),
        requests: key(z.enum(['none', 'errors', 'summary', 'full']).default('errors'), {
          description: 'Which API requests are kept, and with their bodies when `full`.',
          examples: ['full'],
        }),
        retention_days: key(count.default(90), {
          description: 'Days after which audit rows are removed.',
          examples: [30],
        }),
      })
      .optional(),
    {
      description: 'What is kept of each run.',
      defaultText: 'see its keys',
      examples: [{ values: 'hashed', retention_days: 30 }],
    },
  ),
  lease_seconds: key(z.int().min(10).max(3600).default(60), {
    description: 'How long a run that died keeps others from the sync.',
    examples: [120],
  }),
  hook: key(hookSchema.optional(), {
    description:
      '`backhaul hook`: whose webhooks it listens to, and what it does. See [hook](hook.md).',
    defaultText: 'see its keys',
    examples: [{ dbt_host: 'ab123.us1.dbt.com', account_id: 12345, jobs: [67890] }],
  }),
  alerts: key(z.array(alertSchema).optional(), {
    description: 'Whom to tell when something goes wrong. See [alerts](alerts.md).',
    defaultText: 'nobody',
    examples: [
      [{ name: 'data-team', slack: { webhook_url: "{{ env_var('SLACK_WEBHOOK_URL') }}" } }],
    ],
  }),
})

export type SettingsInput = z.infer<typeof settingsSchema>
export type TargetSettings = z.infer<typeof targetSettings>
