import { describe, expect, test } from 'vitest'
import { typesToSet, typesToTakeOff } from '../../../src/resolve/pair-types.ts'

const plainType = 'HUBSPOT_DEFINED:279'
const change = { labels: [], oldLabels: [], current: undefined, plainType }

describe('types that a pair gets', () => {
  test.each([
    ['no label on a new pair', {}, []],
    ['no label on a pair that others have labelled', { current: [plainType, 'U:9'] }, []],
    ['a label on a new pair', { labels: ['U:1'] }, ['U:1']],
    [
      'a label beside those of others',
      { labels: ['U:1'], current: [plainType, 'U:9'] },
      [plainType, 'U:1', 'U:9'],
    ],
    [
      'another label than before',
      { labels: ['U:2'], oldLabels: ['U:1'], current: ['U:1', 'U:9'] },
      ['U:2', 'U:9'],
    ],
    ['none any more', { oldLabels: ['U:1'], current: [plainType, 'U:1'] }, [plainType]],
    [
      'none any more, and no unlabelled link told',
      { oldLabels: ['U:1'], current: ['U:1'] },
      [plainType],
    ],
    ['none any more, and somebody has unlinked the two', { oldLabels: ['U:1'] }, []],
  ])('%s', (_, parts, expected) => {
    expect(typesToSet({ ...change, ...parts })).toEqual(expected)
  })
})

describe('types that are taken off a pair', () => {
  test.each([
    ['not linked any more', { labels: ['U:1'] }, undefined, 'nothing'],
    ['ours alone', { labels: ['U:1'], current: [plainType, 'U:1'] }, undefined, 'all'],
    ['the unlabelled link, ours alone', { current: [plainType] }, undefined, 'all'],
    ['labelled by others, too', { labels: ['U:1'], current: ['U:1', 'U:9'] }, undefined, ['U:1']],
    ['unlabelled by us, labelled by others', { current: [plainType, 'U:9'] }, undefined, 'nothing'],
    [
      'still asked for by another entry',
      { labels: ['U:1', 'U:2'], current: ['U:1', 'U:2'] },
      ['U:2'],
      ['U:1'],
    ],
    ['the unlabelled link, still asked for', { current: [plainType] }, [], 'nothing'],
  ] as const)('%s', (_, parts, rival, expected) => {
    expect(typesToTakeOff({ ...change, ...parts }, rival)).toEqual(expected)
  })
})
