import { expect, test } from 'vitest'
import { commandLine, wordsOf } from '../../../action/command-line.mjs'
import { runSummary } from '../../../action/run-summary.mjs'

const inputs =
  (given: Readonly<Record<string, string>> = {}) =>
  (name: string) =>
    given[name] ?? ''

const onMain = (eventName: string) => ({ eventName, ref: 'refs/heads/main', defaultBranch: 'main' })

test('only the default branch sends, unless an input says so', () => {
  const command = (occasion: Parameters<typeof commandLine>[1]) =>
    commandLine(inputs(), occasion).command
  expect(['push', 'schedule', 'workflow_dispatch'].map((name) => command(onMain(name)))).toEqual([
    'run',
    'run',
    'run',
  ])
  expect(command({ eventName: 'schedule', ref: '', defaultBranch: undefined })).toBe('run')
  expect(command(onMain('pull_request_target'))).toBe('plan')
  expect(command(onMain('workflow_run'))).toBe('plan')
  expect(command({ ...onMain('merge_group'), ref: 'refs/heads/gh-readonly-queue/main' })).toBe(
    'plan',
  )
  expect(command({ ...onMain('push'), ref: 'refs/heads/feature' })).toBe('plan')
  expect(command({ eventName: 'push', ref: '', defaultBranch: undefined })).toBe('plan')
  const odd = { ref: 'refs/heads/undefined', defaultBranch: undefined }
  expect(command({ ...odd, eventName: 'workflow_dispatch' })).toBe('plan')
  const asked = { ...onMain('push'), ref: 'refs/heads/feature' }
  expect(commandLine(inputs({ command: 'run' }), asked).command).toBe('run')
})

test('plan prints Markdown, run JSON, and args win', () => {
  expect(commandLine(inputs(), onMain('pull_request')).argv).toEqual(['plan', '--output=markdown'])
  expect(commandLine(inputs({ 'counts-only': 'true' }), onMain('pull_request')).argv).toEqual([
    'plan',
    '--counts-only',
    '--output=markdown',
  ])
  expect(commandLine(inputs({ against: 'prod' }), onMain('pull_request')).argv).toEqual([
    'plan',
    '--against=prod',
    '--output=markdown',
  ])
  expect(
    commandLine(inputs({ 'counts-only': 'true', against: 'prod' }), onMain('schedule')).argv,
  ).toEqual(['run', '--output=json'])
  expect(commandLine(inputs({ command: 'validate' }), onMain('push')).argv).toEqual(['validate'])
  expect(commandLine(inputs({ args: '--output text' }), onMain('push')).argv).toEqual([
    'run',
    '--output',
    'text',
  ])
})

test('inputs are options, words of args stay words', () => {
  const given = {
    'project-dir': 'dbt',
    target: 'prod',
    select: 'tag:hourly  sync:contacts',
    exclude: '-x',
    state: 'old state',
    args: `--row '["de", 4711]' --limit "5" a\\ b ''`,
  }
  expect(commandLine(inputs(given), onMain('push')).argv).toEqual([
    'run',
    '--project-dir=dbt',
    '--target=prod',
    '--state=old state',
    '--select=tag:hourly',
    '--select=sync:contacts',
    '--exclude=-x',
    '--output=json',
    '--row',
    '["de", 4711]',
    '--limit',
    '5',
    'a b',
    '',
  ])
  expect(wordsOf('\n')).toEqual([])
  expect(wordsOf('$HOME `a` $(b)')).toEqual(['$HOME', '`a`', '$(b)'])
  expect(() => wordsOf('--row "1')).toThrow('not closed')
})

test('the summary of a run', () => {
  const result = {
    sync: 'contacts',
    object: 'contacts',
    status: 'partial',
    counts: { created: 2, rejected: 1, updated: 0 },
    calls: { made: 3 },
    error: { message: '1 row | rejected\n<b>' },
  }
  const metadata = { target: 'prod', portal_id: '4242424' }
  const summary = runSummary(
    JSON.stringify({ metadata, results: [result], error: null, exit_code: 1 }),
  )
  expect(summary).toMatchInlineSnapshot(`
    "### Backhaul run

    Exit code 1, target prod, portal 4242424

    | Sync | Object | Status | Rows | Write calls |
    | --- | --- | --- | --- | ---: |
    | contacts | contacts | ⚠️ partial: 1 row &#124; rejected &lt;b> | 2 created, 1 rejected | 3 |
    "
  `)
  expect(runSummary('')).toContain('There are no results')
  const early = { metadata, results: [], error: { message: 'no portal' }, exit_code: 1 }
  expect(runSummary(JSON.stringify(early))).toContain('**It ended early**: no portal')
})

test('a summary is shorter than what GitHub takes, in whole lines', () => {
  const result = {
    sync: 'contacts',
    object: 'contacts',
    status: 'failed',
    counts: {},
    calls: { made: 0 },
    error: { message: 'Ж'.repeat(300) },
  }
  const results = Array.from({ length: 3_000 }, () => result)
  const summary = runSummary(JSON.stringify({ metadata: {}, results, error: null, exit_code: 1 }))
  expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024)
  expect(summary.split('\n').at(-2)).toMatch(/^and \d+ more: see the log$/)
  expect(summary.split('\n').at(-4)).toMatch(/ 0 \|$/)
})
