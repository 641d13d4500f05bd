import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isSigned, readDelivery } from '../../../src/hook/delivery.ts'

const nowMs = Date.parse('2026-11-26T10:00:00Z')
const hourMs = 3_600_000

/** The example of docs.getdbt.com/docs/deploy/webhooks, sent now. */
const example = {
  accountId: 1,
  webhooksID: 'wsu_12345abcde',
  eventId: 'wev_2L6ZDoilyiWzKkSA59Gmc2d7FDD',
  timestamp: '2026-11-26T09:59:35.789265936Z',
  eventType: 'job.run.completed',
  webhookName: 'test',
  data: {
    jobId: '123',
    jobName: 'Daily Job (dbt build)',
    runId: '12345',
    environmentId: '1234',
    environmentName: 'Production',
    dbtVersion: '1.0.0',
    projectName: 'Snowflake Github Demo',
    projectId: '167194',
    runStatus: 'Success',
    runStatusCode: 10,
    runStatusMessage: 'None',
    runReason: 'Kicked off from UI by test@test.com',
    runStartedAt: '2026-11-26T09:58:07Z',
    runFinishedAt: '2026-11-26T09:59:32Z',
  },
}

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value))
const filter = { accountId: '1', jobs: ['123'], environments: [], maxAgeMs: 24 * hourMs }
const read = (changes: Readonly<Record<string, unknown>>, data = {}, others = {}) =>
  readDelivery(
    bytes({ ...example, ...changes, data: { ...example.data, ...data } }),
    { ...filter, ...others },
    nowMs,
  )

describe('a signature', () => {
  const body = bytes(example)
  const sign = (secret: string, over = body) =>
    createHmac('sha256', secret).update(over).digest('hex')

  test('is that of one of the secrets over the raw body', () => {
    expect(isSigned(body, sign('a'), ['a'])).toBe(true)
    expect(isSigned(body, ` ${sign('b').toUpperCase()}`, ['a', 'b'])).toBe(true)
  })

  test.each([
    ['is missing', undefined],
    ['is empty', ''],
    ['is of another secret', sign('b')],
    ['is of another body', sign('a', Buffer.from(`${body} `))],
    ['is cut', sign('a').slice(0, 62)],
    ['has more behind it', `${sign('a')}00`],
    ['has a scheme before it', `Bearer ${sign('a')}`],
    ['is no hex', 'z'.repeat(64)],
    ['is of other digits', `${'é'.repeat(32)}`],
  ])('that %s is refused', (_, signature) => {
    expect(isSigned(body, signature, ['a'])).toBe(false)
  })

  test('is never right without a secret', () => {
    expect(isSigned(body, sign(''), [])).toBe(false)
  })
})

describe('a webhook', () => {
  test('of the documentation is a job', () => {
    expect(read({})).toEqual({
      kind: 'job',
      event: {
        eventId: 'wev_2L6ZDoilyiWzKkSA59Gmc2d7FDD',
        type: 'job.run.completed',
        accountId: '1',
        jobId: '123',
        jobName: 'Daily Job (dbt build)',
        runId: '12345',
        environmentId: '1234',
        finishedAt: '2026-11-26T09:59:32.000Z',
      },
    })
  })

  test('of an errored run is a job, too', () => {
    const errored = { runFinishedAt: undefined, runErroredAt: '2026-11-26T09:59:00Z' }
    expect(read({ eventType: 'job.run.errored' }, errored)).toMatchObject({
      kind: 'job',
      event: { type: 'job.run.errored', finishedAt: '2026-11-26T09:59:00.000Z' },
    })
  })

  test('of a job in an environment that is listened to is a job', () => {
    expect(read({}, {}, { jobs: [], environments: ['1234'] }).kind).toBe('job')
    expect(read({}, {}, { jobs: [], environments: ['123'] }).kind).toBe('ignored')
  })

  test.each<[string, object, object, RegExp]>([
    ['another job', {}, { jobId: '124' }, /job 124 .* is not listened to/],
    ['another account', { accountId: 2 }, {}, /account 2/],
    ['a run that started', { eventType: 'job.run.started' }, {}, /not the end of a run/],
    ['a cancelled run', {}, { runStatus: 'Cancelled', runStatusCode: 30 }, /cancelled/],
    ['no run', {}, { runId: undefined }, /names no run/],
    ['a run that is a path', {}, { runId: '../../etc/passwd' }, /names no run/],
  ])('of %s is ignored', (_, event, data, why) => {
    expect(read({ ...event }, data)).toMatchObject({
      kind: 'ignored',
      why: expect.stringMatching(why),
    })
  })

  test('without data, as a test may be, is ignored', () => {
    expect(readDelivery(bytes({ eventType: 'test' }), filter, nowMs).kind).toBe('ignored')
    expect(readDelivery(bytes({}), filter, nowMs).kind).toBe('ignored')
  })

  test.each<[string, object]>([
    ['older than a day', { timestamp: '2026-11-25T09:59:59Z' }],
    ['of the future', { timestamp: '2026-11-26T10:05:01Z' }],
    ['without a time', { timestamp: undefined }],
    ['with a time that is none', { timestamp: 'yesterday' }],
  ])('%s is refused', (_, changes) => {
    expect(read({ ...changes }).kind).toBe('refused')
  })

  test.each(['', 'null', '[]', '"text"', '{"a":', '\u0000'])('that is %j is refused', (text) => {
    expect(readDelivery(Buffer.from(text), filter, nowMs).kind).toBe('refused')
  })

  test('cannot bring words to the terminal', () => {
    const { event } = read({}, { jobName: 'a\u001b[2Jb\nc' }) as { event: { jobName: string } }
    expect(event.jobName).toBe('a\\u001b[2Jb\\nc')
  })
})
