import { describe, expect, it } from 'vitest'
import { DestinationError } from '../../../src/errors.ts'
import { silentLogger } from '../../../src/log.ts'
import { MAX_FAILED_BATCHES, type SendOptions, send } from '../../../src/send/send.ts'
import type { Batch, Operation, OperationKind, RecordResult } from '../../../src/types.ts'

type Write = SendOptions['destination']['write']

function operations(count: number, kind: OperationKind = 'upsert'): Operation[] {
  return Array.from({ length: count }, (_, i) => ({
    sequence: i + 1,
    rowId: `row-${i + 1}`,
    kind,
    recordId: String(i + 1),
    matchValue: `u${i + 1}@x.io`,
    properties: { email: `u${i + 1}@x.io` },
  }))
}

function failure(category: string, facts: Partial<DestinationError> = {}): DestinationError {
  return new DestinationError({
    action: 'upsert',
    detail: 'failed',
    category,
    disposition: 'terminal',
    ...facts,
  })
}

const accept = (batch: Batch): RecordResult[] =>
  batch.operations.map(({ sequence }) => ({ sequence, outcome: 'succeeded', isCreated: false }))

async function run(
  given: Iterable<Operation> | AsyncIterable<Operation>,
  write: Write,
  extra: Partial<SendOptions> = {},
) {
  const results: RecordResult[] = []
  const summary = await send(given, {
    destination: { maxBatchSize: 10, write },
    objectType: 'contacts',
    matchProperty: 'email',
    clock: () => 0,
    sleep: async () => {},
    random: () => 0,
    log: silentLogger,
    onResults: (each) => {
      results.push(...each)
    },
    ...extra,
  })
  results.sort((a, b) => a.sequence - b.sequence)
  return { summary, results, outcomes: results.map((each) => each.outcome) }
}

const all = (count: number, outcome: string) => Array.from({ length: count }, () => outcome)

describe('sending', () => {
  it('sends every operation once and reports each result once', async () => {
    const sent: number[] = []
    const { summary, outcomes } = await run(operations(35), async (batch) => {
      sent.push(batch.operations.length)
      return accept(batch)
    })
    expect(sent).toEqual([10, 10, 10, 5])
    expect(outcomes).toEqual(all(35, 'succeeded'))
    expect(summary).toMatchObject({ operations: 35, batches: 4, attempts: 4, stopped: undefined })
  })

  it('takes operations only as fast as it sends them', async () => {
    let taken = 0
    let answered = 0
    let ahead = 0
    const source = function* () {
      for (const each of operations(500)) {
        taken += 1
        ahead = Math.max(ahead, taken - answered)
        yield each
      }
    }
    await run(
      source(),
      async (batch) => {
        await new Promise((resolve) => setImmediate(resolve))
        answered += batch.operations.length
        return accept(batch)
      },
      { concurrency: 2 },
    )
    expect(ahead).toBeLessThanOrEqual(41)
  })

  it('keeps to its concurrency', async () => {
    let running = 0
    let most = 0
    await run(
      operations(100),
      async (batch) => {
        running += 1
        most = Math.max(most, running)
        await new Promise((resolve) => setImmediate(resolve))
        running -= 1
        return accept(batch)
      },
      { concurrency: 3 },
    )
    expect(most).toBe(3)
  })

  it('does not send two operations on one record at the same time', async () => {
    const order: string[] = []
    const twice = [...operations(1), ...operations(1).map((each) => ({ ...each, sequence: 2 }))]
    await run(twice, async (batch) => {
      order.push(`start ${batch.operations[0]?.sequence}`)
      await new Promise((resolve) => setImmediate(resolve))
      order.push(`end ${batch.operations[0]?.sequence}`)
      return accept(batch)
    })
    expect(order).toEqual(['start 1', 'end 1', 'start 2', 'end 2'])
  })

  it('tells the destination which attempt it is', async () => {
    const attempts: (number | undefined)[] = []
    await run(operations(1), async (batch, _signal, attempt) => {
      attempts.push(attempt)
      if (attempt === 1) throw failure('UNAVAILABLE', { status: 503, disposition: 'transient' })
      return accept(batch)
    })
    expect(attempts).toEqual([1, 2])
  })
})

describe('a batch that is refused for its content', () => {
  it('is halved until the culprit is alone; its neighbours are written', async () => {
    const refusal = failure('VALIDATION_ERROR', {
      isContent: true,
      vendorMessage: 'bad',
      property: 'email',
    })
    const { outcomes, results, summary } = await run(operations(10), async (batch) => {
      if (batch.operations.some((each) => each.sequence === 7)) throw refusal
      return accept(batch)
    })
    expect(outcomes).toEqual(all(10, 'succeeded').with(6, 'rejected'))
    expect(results[6]?.error).toEqual({
      category: 'VALIDATION_ERROR',
      message: 'bad',
      property: 'email',
    })
    expect(summary.stopped).toBeUndefined()
    expect(summary.attempts).toBeLessThanOrEqual(9)
  })
})

describe('silence', () => {
  it('about an operation that may be repeated is answered by asking once more, about it alone', async () => {
    const sizes: number[] = []
    const { results } = await run(operations(10), async (batch) => {
      sizes.push(batch.operations.length)
      return accept(batch).map((each) =>
        sizes.length === 1 && each.sequence > 8
          ? { sequence: each.sequence, outcome: 'unknown' }
          : each,
      )
    })
    expect(sizes).toEqual([10, 2])
    expect(results.map((each) => each.outcome)).toEqual(all(10, 'succeeded'))
    expect(results[0]?.isCreated).toBe(false)
    expect(results[9]).not.toHaveProperty('isCreated')
  })

  it('that lasts leaves the operation unknown', async () => {
    const { outcomes, summary } = await run(operations(2), async (batch) =>
      batch.operations.map(({ sequence }) => ({ sequence, outcome: 'unknown' })),
    )
    expect(outcomes).toEqual(['unknown', 'unknown'])
    expect(summary.attempts).toBe(2)
  })

  it('about a create is left alone', async () => {
    const { outcomes, summary } = await run(operations(2, 'create'), async () => [])
    expect(outcomes).toEqual(['unknown', 'unknown'])
    expect(summary.attempts).toBe(1)
  })
})

describe('a lost answer', () => {
  const lost = failure('NETWORK_LOST', { disposition: 'unknown' })

  it('leaves a create unknown, without a second attempt', async () => {
    const { results, summary } = await run(operations(1, 'create'), async () => {
      throw lost
    })
    expect(results).toMatchObject([{ outcome: 'unknown', error: { category: 'NETWORK_LOST' } }])
    expect(summary.attempts).toBe(1)
  })

  it('is repeated for an upsert, and hides who created the record', async () => {
    const { results } = await run(operations(1), async (batch, _signal, attempt) => {
      if (attempt === 1) throw lost
      return accept(batch)
    })
    expect(results).toEqual([{ sequence: 1, outcome: 'succeeded' }])
  })

  it('leaves an upsert pending and doubtful when repeating does not help', async () => {
    const { results, summary } = await run(operations(1), async () => {
      throw lost
    })
    expect(results).toMatchObject([{ outcome: 'pending', isDoubtful: true }])
    expect(summary.attempts).toBe(5)
  })

  it('makes a later refusal of the same create no proof of absence', async () => {
    const { results } = await run(operations(1, 'create'), async (_batch, _signal, attempt) => {
      throw attempt === 1 ? failure('UNAVAILABLE', { status: 503, disposition: 'transient' }) : lost
    })
    expect(results).toMatchObject([{ outcome: 'unknown', isDoubtful: true }])
  })
})

describe('an error that ends the run', () => {
  it('leaves everything that was not sent pending, with its category', async () => {
    const daily = failure('RATE_LIMIT_DAILY', {
      endsRun: true,
      disposition: 'transient',
      status: 429,
    })
    let calls = 0
    const { outcomes, results, summary } = await run(
      operations(50),
      async (batch) => {
        calls += 1
        if (calls === 3) throw daily
        return accept(batch)
      },
      { concurrency: 1 },
    )
    expect(outcomes).toEqual([...all(20, 'succeeded'), ...all(30, 'pending')])
    expect(results[49]?.error?.category).toBe('RATE_LIMIT_DAILY')
    expect(summary.stopped).toMatchObject({ category: 'RATE_LIMIT_DAILY', error: daily })
    expect(calls).toBe(3)
  })

  it('is any refusal that is not about the content', async () => {
    let calls = 0
    const { outcomes } = await run(
      operations(50),
      async () => {
        calls += 1
        throw failure('NOT_FOUND', { status: 404 })
      },
      { concurrency: 1 },
    )
    expect(outcomes).toEqual(all(50, 'pending'))
    expect(calls).toBe(1)
  })

  it('is the third batch in a row that HubSpot could not take', async () => {
    const { summary, outcomes } = await run(
      operations(100),
      async () => {
        throw failure('UNAVAILABLE', { status: 503, disposition: 'transient' })
      },
      { concurrency: 1 },
    )
    expect(outcomes).toEqual(all(100, 'pending'))
    expect(summary.attempts).toBe(MAX_FAILED_BATCHES * 5)
    expect(summary.stopped?.category).toBe('UNAVAILABLE')
  })
})

describe('stopping', () => {
  it('by draining lets requests under way finish and starts no others', async () => {
    const drain = new AbortController()
    const { outcomes, summary } = await run(
      operations(50),
      async (batch) => {
        await new Promise((resolve) => setImmediate(resolve))
        if (batch.operations[0]?.sequence === 11) drain.abort()
        return accept(batch)
      },
      { drain: drain.signal, concurrency: 2 },
    )
    expect(outcomes.slice(0, 20)).toEqual(all(20, 'succeeded'))
    expect(outcomes.slice(30)).toEqual(all(20, 'pending'))
    expect(summary.stopped?.category).toBe('INTERRUPTED')
  })

  it('by draining calls off what waits for its turn at the destination', async () => {
    const drain = new AbortController()
    const { results } = await run(
      operations(2),
      async (_batch, _signal, _attempt, stop) => {
        setImmediate(() => drain.abort())
        await new Promise((resolve) => stop?.addEventListener('abort', resolve))
        throw failure('ABORTED', { disposition: 'transient' })
      },
      { drain: drain.signal },
    )
    expect(results).toEqual(
      [1, 2].map((sequence) => ({
        sequence,
        recordId: String(sequence),
        outcome: 'pending',
        error: { category: 'INTERRUPTED', message: expect.any(String) },
      })),
    )
  })

  it('by draining gives up waiting for a repeat', async () => {
    const drain = new AbortController()
    const { results } = await run(
      operations(1),
      async () => {
        throw failure('UNAVAILABLE', { status: 503, disposition: 'transient' })
      },
      {
        drain: drain.signal,
        sleep: (_ms, signal) =>
          new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => reject(signal.reason))
            drain.abort()
          }),
      },
    )
    expect(results).toMatchObject([{ outcome: 'pending', error: { category: 'UNAVAILABLE' } }])
  })

  it('by aborting cancels requests under way: creates unknown, the others pending and doubtful', async () => {
    for (const [kind, expected] of [
      ['create', { outcome: 'unknown' }],
      ['upsert', { outcome: 'pending', isDoubtful: true }],
    ] as const) {
      const abort = new AbortController()
      const { results } = await run(
        operations(1, kind),
        (_batch, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () =>
              reject(failure('ABORTED', { disposition: 'unknown' })),
            )
            abort.abort()
          }),
        { abort: abort.signal },
      )
      expect(results).toMatchObject([expected])
    }
  })

  it('before it began sends nothing', async () => {
    const { outcomes, summary } = await run(operations(5), async (batch) => accept(batch), {
      drain: AbortSignal.abort(),
    })
    expect(outcomes).toEqual(all(5, 'pending'))
    expect(summary.attempts).toBe(0)
  })
})

describe('a defect', () => {
  it('of the destination is thrown, after every operation has its result', async () => {
    const results: RecordResult[] = []
    const failing = run(
      operations(30),
      async () => {
        throw new TypeError('x is not a function')
      },
      {
        concurrency: 1,
        onResults: (each) => {
          results.push(...each)
        },
      },
    )
    await expect(failing).rejects.toThrow('x is not a function')
    expect(results).toHaveLength(30)
  })

  it('of the receiver is thrown, and nothing new starts', async () => {
    let calls = 0
    const failing = run(
      operations(50),
      async (batch) => {
        calls += 1
        return accept(batch)
      },
      {
        concurrency: 1,
        onResults: () => {
          throw new TypeError('no disk')
        },
      },
    )
    await expect(failing).rejects.toThrow('no disk')
    expect(calls).toBe(1)
  })

  it('of the source is thrown, with the results of what it gave before', async () => {
    const results: RecordResult[] = []
    const source = function* () {
      yield* operations(15)
      throw new TypeError('no rows')
    }
    await expect(
      run(source(), async (batch) => accept(batch), {
        onResults: (each) => {
          results.push(...each)
        },
      }),
    ).rejects.toThrow('no rows')
    expect(results.map((each) => each.outcome)).toEqual([
      ...all(10, 'succeeded'),
      ...all(5, 'pending'),
    ])
  })
})

describe('a refusal of operations that the answer passed over', () => {
  it('is narrowed down by halving, and the others are not sent again', async () => {
    const calls: number[][] = []
    const { outcomes } = await run(operations(8), async (batch) => {
      const sent = batch.operations.map(({ sequence }) => sequence)
      calls.push(sent)
      const [first, ...rest] = batch.operations
      if (calls.length === 1) return accept({ ...batch, operations: batch.operations.slice(0, 4) })
      if (first !== undefined && rest.length === 0 && first.sequence === 6)
        return [{ sequence: 6, outcome: 'rejected' }]
      if (sent.includes(6)) throw failure('VALIDATION_ERROR', { isContent: true })
      return accept(batch)
    })
    expect(outcomes).toEqual([...all(5, 'succeeded'), 'rejected', ...all(2, 'succeeded')])
    expect(calls).toEqual([[1, 2, 3, 4, 5, 6, 7, 8], [5, 6, 7, 8], [5, 6], [5], [6], [7, 8]])
  })
})
