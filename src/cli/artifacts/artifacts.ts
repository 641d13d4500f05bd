import { z } from 'zod'
import type { Plan } from '../../plan/plan.ts'
import type { PlannedChange } from '../../plan/planned-changes.ts'
import type { RejectGroup } from '../../record/rejects.ts'
import type { SyncReport } from '../../run/context.ts'
import { changeSchema, listOf, planSchema, problemSchema } from './plan-schema.ts'

const count = z.int().min(0)

const metadata = z.object({
  schema_version: z.literal(1),
  backhaul_version: z.string(),
  generated_at: z.string().meta({ format: 'date-time' }),
  invocation_id: z.string(),
  dbt_invocation_id: z.string().nullable(),
  target: z.string().nullable().describe('Null when the project could not be read.'),
  portal_id: z.string().nullable().describe('Null when HubSpot was not asked.'),
})

const failure = z.object({
  category: z.string(),
  message: z.string(),
  hint: z.string().exactOptional(),
  correlationId: z.string().exactOptional(),
  problems: listOf(problemSchema),
})

const group = z.object({
  category: z.string(),
  property: z.string().nullable(),
  isLink: z.boolean(),
  rows: count,
  exampleRowId: z.string().nullable(),
})

const outcomes = z
  .object({
    created: count,
    updated: count,
    sent: count,
    added: count,
    removed: count,
    cleared: count,
    archived: count,
    rejected: count,
    parked: count,
    skipped: count,
    waiting: count,
    pending: count,
    unknown: count,
    left: count,
    returned: count,
    linksAdded: count,
    linksRemoved: count,
    linksWaiting: count,
    linksPending: count,
    linksRejected: count,
  })
  .describe('Rows by outcome.')

const syncResult = z.object({
  sync: z.string(),
  runId: z.string().nullable(),
  model: z.string(),
  object: z.string(),
  status: z.enum([
    'planned',
    'running',
    'succeeded',
    'partial',
    'failed',
    'aborted',
    'guarded',
    'held',
  ]),
  plan: planSchema.nullable(),
  counts: outcomes,
  calls: z.object({ planned: count, made: count, reads: count }),
  problems: listOf(problemSchema),
  error: z
    .object({
      category: z.string(),
      message: z.string(),
      hint: z.string().exactOptional(),
      causes: listOf(
        z.object({ node: z.string(), test: z.string().exactOptional(), status: z.string() }),
      ).exactOptional(),
    })
    .nullable(),
  durationMs: z.number().min(0),
  rejects: listOf(group),
  waiting: listOf(group),
})

const runResults = z
  .object({
    metadata,
    results: listOf(syncResult),
    error: failure.nullable(),
    warehouse: z.object({ statements: count, bytes_billed: count.nullable() }),
    elapsed_time: z.number().min(0).describe('Seconds.'),
    exit_code: z.int(),
  })
  .describe('What `backhaul run` leaves in target/backhaul/run_results.json.')

const planDocument = z
  .object({
    metadata: metadata.extend({
      against: z.string().nullable().describe('Target of --against.'),
    }),
    plans: listOf(
      planSchema.extend({
        expectedSeconds: z.number().min(0).describe('Seconds that the calls take at least.'),
        changes: listOf(changeSchema).describe('The first changes; see changes_left.'),
        changesLeft: count.describe('Changes that are not listed.'),
      }),
    ),
    held: listOf(z.object({ sync: z.string(), why: z.string(), isFailure: z.boolean() })),
    removed: listOf(z.object({ sync: z.string(), model: z.string() })).describe(
      'With --against: syncs that the other target has run and the project does not define.',
    ),
    problems: listOf(problemSchema),
    error: failure.nullable(),
  })
  .describe('What `backhaul plan` leaves in target/backhaul/plan.json.')

/** How one sync ended, with its rejected rows, and those left for the next run, by reason. */
export interface SyncResult extends SyncReport {
  readonly rejects: readonly RejectGroup[]
  readonly waiting: readonly RejectGroup[]
}

/** What `run --output json` prints and `target/backhaul/run_results.json` holds, in dbt's shape. */
export type RunResults = z.infer<typeof runResults>

/** What `target/backhaul/plan.json` holds. */
export type PlanArtifact = z.infer<typeof planDocument>

/** The artifacts by name, as `backhaul schema --artifact` takes them. */
const artifacts = { plan: planDocument, run_results: runResults } as const

export type ArtifactName = keyof typeof artifacts

export const artifactNames = Object.keys(artifacts) as readonly ArtifactName[]

const titles: Readonly<Record<ArtifactName, string>> = {
  plan: 'Backhaul: target/backhaul/plan.json',
  run_results: 'Backhaul: target/backhaul/run_results.json',
}

/**
 * JSON Schema (draft 2020-12) of an artifact. Keys may be added within a version.
 *
 * @param isStrict refuses keys that it does not name, for tests
 */
export function artifactSchema(name: ArtifactName, isStrict = false): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(artifacts[name], {
    io: isStrict ? 'output' : 'input',
  })
  return { $schema, title: titles[name], ...schema }
}

/** Keys of what is written that the schema does not have, at any depth; `never` for none. */
type Unnamed<Written, Schema> = Written extends readonly (infer One)[]
  ? Schema extends readonly (infer Other)[]
    ? Unnamed<One, Other>
    : never
  : Written extends object
    ? {
        [Key in keyof Written]-?: Key extends keyof Schema
          ? Unnamed<NonNullable<Written[Key]>, NonNullable<Schema[Key]>>
          : Key
      }[keyof Written]
    : never

/** Compiles only while the schemas name every key that is written. */
type Named<Written, Schema> = [Unnamed<Written, Schema>] extends [never] ? true : false
const isComplete: {
  readonly plan: Named<Plan, z.infer<typeof planSchema>>
  readonly change: Named<PlannedChange, z.infer<typeof changeSchema>>
  readonly result: Named<SyncResult, z.infer<typeof syncResult>>
} = { plan: true, change: true, result: true }
void isComplete
