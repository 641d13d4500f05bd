import type { Answer } from '../answers.ts'
import { commitLinks, prepareLinks } from '../store/create-links.ts'
import type { ObjectType, StoredRecord } from '../store/object-type.ts'
import { type Claims, commit, type PreparedWrite } from '../store/prepare-write.ts'
import { type BatchProblem, batchProblem, type Rejection, refuseFor } from '../store/rejection.ts'
import { batchAnswer, missingProblem, traced } from './batch-answer.ts'
import { areTraceable, type BatchInput } from './batch-input.ts'
import type { RecordAnswer } from './render-record.ts'
import type { Backend } from './request.ts'

/** How one kind of batch write checks and answers its inputs. */
export interface BatchWrite {
  readonly success: 200 | 201
  /** `undefined`: the input vanishes without a trace (a record merged away). */
  readonly prepare: (input: BatchInput, claims: Claims) => PreparedWrite | Rejection | undefined
  readonly render: (record: StoredRecord, write: PreparedWrite) => RecordAnswer
}

/**
 * Carries out a batch: with a unique trace id on every input the good ones are written and the others
 * reported (207); without, one bad input refuses them all and nothing is written. Only unknown ids are
 * reported in either case.
 *
 * @see https://developers.hubspot.com/docs/api-reference/error-handling (multi-status; create is documented, the rest observed)
 */
export function writeBatch(
  type: ObjectType,
  inputs: readonly BatchInput[],
  write: BatchWrite,
  backend: Backend,
  now: number,
): Answer {
  const { portal } = backend
  const isTraced = areTraceable(inputs)
  const claims: Claims = new Map()
  const ready: [BatchInput, PreparedWrite, ReadyLinks][] = []
  const problems: BatchProblem[] = []
  const missingIds: string[] = []
  for (const input of inputs) {
    const links = prepareLinks(portal, type, input.associations)
    const prepared = 'kind' in links ? links : write.prepare(input, claims)
    if (prepared === undefined) continue
    if (!('kind' in prepared)) ready.push([input, prepared, 'kind' in links ? [] : links])
    else if (isTraced) problems.push(batchProblem(prepared, input.traceId))
    else if (prepared.kind === 'missing') missingIds.push(prepared.id)
    else return refuseFor(prepared, portal.quirks.conflictNamesId)
  }
  if (missingIds.length > 0) problems.push(missingProblem(type.singular, missingIds))
  const results = ready.map(([input, prepared, links]) => {
    const record = commit(portal, type, prepared, now)
    commitLinks(portal, { type, id: record.id }, links)
    return traced(portal, write.render(record, prepared), input)
  })
  return batchAnswer(portal, write.success, results, problems, now)
}

/** Links that come with a create. */
type ReadyLinks = Parameters<typeof commitLinks>[2]
