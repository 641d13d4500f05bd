import type { FoundRecord, Histories } from '../../destination/destination.ts'
import { DestinationError } from '../../errors.ts'
import type { SentRow } from '../../record/sent-rows.ts'
import type { ComparedProperty } from '../../resolve/adopt-values.ts'
import type { HeldOtherwise } from '../../resolve/compare-sent.ts'
import { readHeld } from '../../resolve/held-records.ts'
import { findOnce, retried } from '../asking.ts'
import { byBatches } from '../by-batches.ts'
import type { PreparedSync, RunContext } from '../context.ts'

/** A record, and what of it differs from what was sent. */
export interface Differing {
  readonly recordId: string
  readonly differing: readonly HeldOtherwise[]
}

/** Records of a window of which HubSpot may say nothing; of more it says that something is wrong. */
const mostUnread = 10

/** What HubSpot answers of the records of some rows. */
interface ReadRecords {
  /** By the position of their row, those into which others were merged included. */
  readonly held: ReadonlyMap<number, FoundRecord>
  /** Ids of which it says nothing, even alone: that is no word that the record is gone. */
  readonly unread: ReadonlySet<string>
}

/** @throws DestinationError where HubSpot leaves many records out of its answers */
export async function readRecords(
  context: RunContext,
  { schema }: Pick<PreparedSync, 'schema'>,
  rows: readonly SentRow[],
  properties: readonly Pick<ComparedProperty, 'name'>[],
): Promise<ReadRecords> {
  const target = { objectType: schema.name, batchSize: context.destination.maxBatchSize }
  const names = properties.map(({ name }) => name)
  const operations = rows.map(({ rowId, recordId }, sequence) => ({
    sequence,
    rowId,
    recordId,
    kind: 'update' as const,
    properties: {},
  }))
  const unread = new Set<string>()
  const find = findOnce(context)
  const answers = await byBatches(context, operations, (some) =>
    readHeld(some, target, names, async (request) => {
      try {
        return await find(request)
      } catch (error) {
        const [only = '', ...others] = request.values
        if (isIncomplete(error) && others.length === 0) unread.add(only)
        if (unread.size > mostUnread && isIncomplete(error)) throw tooManyUnread(error)
        throw error
      }
    }),
  )
  return { held: new Map(answers.flatMap((answer) => [...answer])), unread }
}

const isIncomplete = (error: unknown): error is DestinationError =>
  error instanceof DestinationError && error.category === 'INCOMPLETE_ANSWER'

/** Of a category of its own: what is incomplete is asked for again in halves. */
const tooManyUnread = (cause: DestinationError): DestinationError =>
  new DestinationError({
    action: 'compare records',
    detail: `HubSpot's answers leave out more than ${mostUnread} of them`,
    category: 'UNREADABLE_ANSWER',
    disposition: 'terminal',
    status: cause.status,
    correlationId: cause.correlationId,
    requestId: cause.requestId,
    hint: cause.hint,
    cause,
  })

/** Who wrote what differs. */
export async function readHistories(
  context: RunContext,
  { schema }: PreparedSync,
  compared: readonly Differing[],
): Promise<Histories> {
  const { destination, drain } = context
  const differing = compared.filter((one) => one.differing.length > 0)
  const size = destination.maxHistoryBatchSize
  const batches = Array.from({ length: Math.ceil(differing.length / size) }, (_, index) =>
    differing.slice(index * size, (index + 1) * size),
  )
  const answers: Histories[] = []
  for (let from = 0; from < batches.length; from += context.settings.concurrency) {
    const some = batches.slice(from, from + context.settings.concurrency)
    const asked = some.map((batch) => {
      const request = {
        objectType: schema.name,
        recordIds: [...new Set(batch.map(({ recordId }) => recordId))],
        properties: [
          ...new Set(batch.flatMap((one) => one.differing.map(({ property }) => property))),
        ],
      }
      return retried(context, (attempt) => destination.histories(request, drain, attempt))
    })
    answers.push(...(await Promise.all(asked)))
  }
  return new Map(answers.flatMap((answer) => [...answer]))
}
