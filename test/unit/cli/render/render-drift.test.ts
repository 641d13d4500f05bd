import { expect, test } from 'vitest'
import { describeDrift, renderDifferences } from '../../../../src/cli/render/render-drift.ts'
import { driftKinds } from '../../../../src/run/drift-difference.ts'
import type { DriftReport } from '../../../../src/run/drift-tally.ts'

const report: DriftReport = {
  sync: 'their contacts',
  model: 'model.shop.contacts',
  object: 'contacts',
  status: 'succeeded',
  error: null,
  runId: null,
  scope: { rows: 2, links: 0, underWay: 0, open: 0, unmet: [] },
  calls: { planned: { records: 1, links: 0, members: 0 }, reads: 3 },
  counts: {
    ...(Object.fromEntries(driftKinds.map((kind) => [kind, 0])) as DriftReport['counts']),
    changed: 1,
  },
  ownValues: 0,
  mended: 0,
  unmended: 0,
  unknownRows: 0,
  unknownLinks: 0,
  done: { rows: 1000, links: 0 },
  mendedRows: [],
  problems: [],
  endsAll: false,
}

test('what can be done is said for the target that was looked at, as a shell takes it', () => {
  const told = (target: string | undefined) =>
    describeDrift(report, new Map(), 1, undefined, target).slice(1)
  expect(told('prod')).toEqual([
    "  To send again what was sent: backhaul drift --select 'their contacts' --target prod --fix",
    "  To leave it until the row changes: backhaul drift --select 'their contacts' --target prod --accept",
  ])
  expect(told(undefined)[0]).not.toContain('--target')
})

test('values cannot command a terminal, nor turn its line', () => {
  const held = '\u001b[31mBoss\u202e\r\nx'
  const changed = { kind: 'changed', property: 'jobtitle', expected: '', held } as const
  const [, , line] = renderDifferences(
    [{ ...changed, rowId: '1', recordId: '2' }],
    new Map(),
    false,
  )
  expect(line).toContain('\\u001b[31mBoss\\u202e\\r\\nx')
})
