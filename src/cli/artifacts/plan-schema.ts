import { z } from 'zod'

/** A list in a document. */
export const listOf = <T extends z.ZodType>(entry: T) => z.array(entry).readonly()

const count = z.int().min(0)

const origin = z
  .object({
    file: z.string(),
    line: count.exactOptional(),
    column: count.exactOptional(),
    path: z.string().exactOptional().describe('Path inside the document.'),
  })
  .describe('Where something is written; lines and columns count from 1.')

export const problemSchema = z
  .object({
    message: z.string(),
    where: origin.exactOptional(),
    sync: z.string().exactOptional(),
    otherSync: z.string().exactOptional().describe('Second party of a problem between two syncs.'),
    key: z.string().exactOptional().describe('Dotted key inside the sync.'),
    hint: z.string().exactOptional().describe('What to do next.'),
  })
  .describe("Something that is wrong, or worth knowing, in the project's files.")

const reasonRows = z.object({ reason: z.string(), rows: count })

const modeSchema = z.enum(['upsert', 'update', 'insert', 'mirror', 'add', 'remove'])

const operationCounts = z
  .object({
    create: count,
    upsert: count.describe('Create or update: HubSpot decides.'),
    update: count,
    send: count.describe('Events.'),
    add: count.describe('Members of a list.'),
    remove: count,
    clear: count,
    archive: count,
    leave: count.describe('Left the model; nothing is done in HubSpot.'),
    skip: count,
    reject: count,
    refresh: count.describe('Only the state is brought up to date.'),
  })
  .describe('Rows per operation.')

const definition = z.object({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  fieldType: z.string(),
  groupName: z.string(),
  options: listOf(
    z.object({ label: z.string(), value: z.string(), hidden: z.boolean(), displayOrder: count }),
  ).exactOptional(),
  hasUniqueValue: z.literal(true).exactOptional(),
  externalOptions: z.literal(true).exactOptional(),
  referencedObjectType: z.literal('OWNER').exactOptional(),
})

const linkEntry = z.object({
  association: z.string().describe('Entry of `associations:`.'),
  object: z.string(),
  add: count,
  remove: count,
  wait: count,
  tried: count,
  waiting: listOf(
    z.object({
      status: z.enum(['pending', 'parked']),
      reason: z.string(),
      links: count,
      exampleRowId: z.string(),
    }),
  ),
  release: count,
  stay: count,
  labels: listOf(z.object({ labels: listOf(z.string()), links: count })),
  missing: z.object({ sync: z.string(), row: z.string() }).exactOptional(),
})

/** What a run of one sync would do; keeps in step with `Plan`. */
export const planSchema = z
  .object({
    version: z.literal(1),
    sync: z.string(),
    runId: z.string(),
    model: z.string().describe('dbt unique_id.'),
    object: z.string(),
    type: z.enum(['event', 'list']).exactOptional().describe('Absent for records.'),
    list: z
      .object({
        id: z.string().nullable(),
        name: z.string(),
        size: count.nullable(),
        isExact: z.boolean(),
        corrections: count.exactOptional(),
      })
      .exactOptional(),
    mode: modeSchema,
    matchedBy: z.enum(['unique', 'record_id', 'search']).nullable(),
    warnings: listOf(problemSchema),
    start: z.enum(['all', 'now', 'from']),
    isFirstRun: z.boolean(),
    isCountOnly: z.boolean(),
    isUpperBound: z.literal(true).exactOptional(),
    isOffline: z.literal(true).exactOptional().describe('Checked against hubspot.lock.yml.'),
    rows: z.object({
      inModel: count,
      known: count,
      unchanged: count,
      parked: count,
      unknown: count,
      returned: count,
      waiting: count,
      onlyDropped: count,
    }),
    operations: operationCounts,
    rejects: listOf(reasonRows),
    waits: listOf(reasonRows),
    removals: z.object({ kept: listOf(reasonRows), restorableForDays: count }),
    dropped: listOf(z.object({ property: z.string(), values: count })),
    calls: z
      .object({ writes: count, lookups: count, searches: count })
      .describe('Calls that a run needs without faults.'),
    creates: listOf(definition).exactOptional(),
    createsEvent: z.string().exactOptional(),
    links: z
      .object({
        entries: listOf(linkEntry),
        calls: z.object({ writes: count, reads: count, lookups: count }),
      })
      .exactOptional(),
    backwards: z
      .object({ rows: count, unknownRows: count, clearingCalls: count, lookups: count })
      .exactOptional(),
    guards: listOf(
      z.object({
        guard: z.enum(['empty_model', 'min_rows', 'max_deletes', 'max_changes']),
        message: z.string(),
      }),
    ),
    edits: listOf(
      z.object({ key: z.string(), from: z.string().nullable(), to: z.string().nullable() }),
    )
      .exactOptional()
      .describe('Keys of the sync that the target of --against had otherwise when it last ran.'),
    asked: listOf(
      z.object({
        row: z.string(),
        isInModel: z.boolean(),
        operation: z.string().nullable(),
        reason: z.string().nullable(),
        status: z
          .enum([
            'succeeded',
            'rejected',
            'parked',
            'skipped',
            'pending',
            'sending',
            'unknown',
            'left',
          ])
          .nullable(),
        errorCategory: z.string().nullable(),
        lastSyncedAt: z.string().nullable(),
      }),
    ).exactOptional(),
    bytesBilled: count.exactOptional(),
  })
  .describe('What a run of one sync would do. Keys: docs/output.md.')

const values = z
  .record(z.string(), z.string())
  .readonly()
  .describe('By property, as audit.values allows.')

/** One row of a plan; keeps in step with `PlannedChange`. */
export const changeSchema = z.object({
  sequence: count,
  rowId: z.string().nullable(),
  recordId: z.string().nullable(),
  operation: z.enum([
    'create',
    'upsert',
    'update',
    'send',
    'add',
    'remove',
    'clear',
    'archive',
    'leave',
    'skip',
    'reject',
    'refresh',
    'associate',
    'dissociate',
    'wait',
    'release',
  ]),
  old: values,
  new: values,
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  message: z.string().nullable(),
  dropped: listOf(z.string()),
  hidden: listOf(z.string())
    .exactOptional()
    .describe('Properties whose values audit.values keeps to the warehouse.'),
  link: z
    .object({
      association: z.string(),
      target: z.string().nullable(),
      targetRecordId: z.string().nullable(),
      labels: listOf(z.string()),
      oldLabels: listOf(z.string()),
    })
    .exactOptional(),
})
