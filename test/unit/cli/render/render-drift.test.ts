import { expect, test } from 'vitest'
import { describeDrift, renderDifferences } from '../../../../src/cli/render/render-drift.ts'
import { sayFor } from '../../../../src/cli/render/shell-word.ts'
import { driftKinds } from '../../../../src/run/drift/drift-difference.ts'
import type { DriftReport } from '../../../../src/run/drift/drift-tally.ts'

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
  const told = (targetName: string, rows: readonly string[] = []) =>
    describeDrift(
      report,
      new Map(),
      1,
      { mending: undefined, rows },
      sayFor({ targetName, defaultTargetName: 'dev' }),
    ).slice(1)
  expect(told('prod')).toEqual([
    "  To send again what was sent: backhaul drift --target prod --select 'their contacts' --fix",
    "  To leave it until the row changes: backhaul drift --target prod --select 'their contacts' --accept",
  ])
  expect(told('dev')[0]).not.toContain('--target')
  expect(told('dev', ['1', '["de",7]'])[0]).toBe(
    `  To send again what was sent: backhaul drift --select 'their contacts' --row 1 --row '["de",7]' --fix`,
  )
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
