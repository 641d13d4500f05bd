import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { bodyFor, isToldAbout, postResult, resultText } from '../../../src/hook/post-result.ts'
import type { DoneJob } from '../../../src/hook/queue.ts'
import { silentLogger } from '../../../src/log.ts'
import { atTestEnd } from '../../support/at-test-end.ts'

const job: DoneJob = {
  eventId: 'wev',
  type: 'job.run.completed',
  accountId: '1',
  jobId: '10',
  jobName: 'Daily',
  runId: '500',
  environmentId: '100',
  finishedAt: '2026-11-26T09:00:00.000Z',
  receivedAt: '2026-11-26T09:00:01.000Z',
  attempts: 1,
  endedAt: '2026-11-26T09:00:09.000Z',
  outcome: 'partial',
  why: 'leads: 2 rows rejected',
  syncs: [
    { sync: 'contacts', status: 'succeeded', sent: 12, rejected: 0 },
    { sync: 'leads', status: 'partial', sent: 1, rejected: 2 },
  ],
  posted: 'waiting',
}

test('the text names the job, the run, the rows, and the syncs that did not come out well', () => {
  expect(resultText(job)).toBe(
    'Synced to HubSpot in part: Daily, dbt run 500, 13 rows sent (leads: 2 rows rejected)\n• leads: partial, 2 rejected',
  )
  expect(resultText({ ...job, jobName: '', outcome: 'failed', why: 'no answer', syncs: [] })).toBe(
    'Not synced to HubSpot: job 10, dbt run 500 (no answer)',
  )
})

test('Slack gets the text alone, in which a name calls nobody', () => {
  const named = { ...job, jobName: '<!channel> R&D' }
  const { posted: _, ...told } = named
  const text = resultText(named)
  expect(bodyFor('https://hooks.slack.com/services/T/B/x', named)).toEqual({
    text: text.replace('<!channel> R&D', '&lt;!channel&gt; R&amp;D'),
  })
  expect(bodyFor('https://chat.example', named)).toEqual({ text, job: told })
})

test('who asked for failures is told of those', () => {
  const url = 'https://x.example'
  expect(isToldAbout({ url, on: 'failures' }, 'succeeded')).toBe(false)
  expect(isToldAbout({ url, on: 'failures' }, 'partial')).toBe(true)
  expect(isToldAbout({ url, on: 'all' }, 'succeeded')).toBe(true)
  expect(isToldAbout({ url, on: 'all' }, 'skipped')).toBe(false)
  expect(isToldAbout(undefined, 'failed')).toBe(false)
})

async function place(statuses: readonly number[]) {
  let asked = 0
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(statuses[asked] ?? 200, { 'Retry-After': '3' }).end()
    asked += 1
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  atTestEnd(() => void server.close())
  const pauses: number[] = []
  const lines: string[] = []
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/T000/secret`
  const sent = await postResult({ url, on: 'all' }, job, {
    log: { ...silentLogger, warn: (message) => void lines.push(message) },
    sleep: async (ms) => void pauses.push(ms),
    signal: new AbortController().signal,
  })
  return { sent, asked, pauses, lines }
}

test('a place that is busy is asked again, with the pause that it asks for', async () => {
  const { sent, asked, pauses, lines } = await place([503, 429])
  expect({ sent, asked, pauses }).toEqual({ sent: true, asked: 3, pauses: [3000, 4000] })
  expect(lines.join()).not.toContain('secret')
})

test('a place that refuses is asked once, one that is out of order four times', async () => {
  expect(await place([404])).toMatchObject({ sent: false, asked: 1 })
  expect(await place([500, 500, 500, 500])).toMatchObject({ sent: false, asked: 4 })
})
