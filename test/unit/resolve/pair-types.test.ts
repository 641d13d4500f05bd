import { describe, expect, test } from 'vitest'
import { typesToSet, typesToTakeOff } from '../../../src/resolve/pair-types.ts'

const plainType = 'HUBSPOT_DEFINED:279'
const facts = { current: undefined, added: [], kept: undefined, plainType }

describe('types that a pair gets', () => {
  test.each([
    ['no label on a new pair', [], {}, []],
    ['no label on a pair that others have labelled', [], { current: [plainType, 'U:9'] }, []],
    ['a label on a new pair', ['U:1'], {}, ['U:1']],
    [
      'a label beside those of others',
      ['U:1'],
      { current: [plainType, 'U:9'] },
      [plainType, 'U:1', 'U:9'],
    ],
    [
      'another label than before',
      ['U:2'],
      { added: ['U:1'], current: ['U:1', 'U:9'] },
      ['U:2', 'U:9'],
    ],
    [
      'another label than before, which was there before us',
      ['U:2'],
      { current: ['U:1'] },
      ['U:1', 'U:2'],
    ],
    [
      'another label than before, which somebody else asks for',
      ['U:2'],
      { added: ['U:1'], current: ['U:1'], kept: ['U:1'] },
      ['U:1', 'U:2'],
    ],
    ['none any more', [], { added: ['U:1'], current: [plainType, 'U:1'] }, [plainType]],
    [
      'none any more, and somebody else asks for it',
      [],
      { added: ['U:1'], current: [plainType, 'U:1'], kept: ['U:1'] },
      [],
    ],
    [
      'none any more, and no unlabelled link told',
      [],
      { added: ['U:1'], current: ['U:1'] },
      [plainType],
    ],
    ['none any more, and somebody has unlinked the two', [], { added: ['U:1'] }, []],
  ])('%s', (_, labels, parts, expected) => {
    expect(typesToSet(labels, { ...facts, ...parts })).toEqual(expected)
  })
})

describe('types that are taken off a pair', () => {
  test.each([
    ['not linked any more', { added: ['U:1'] }, 'nothing'],
    ['ours alone', { added: ['U:1'], current: [plainType, 'U:1'] }, 'all'],
    ['the unlabelled link, ours alone', { current: [plainType] }, 'all'],
    ['labelled by others, too', { added: ['U:1'], current: ['U:1', 'U:9'] }, ['U:1']],
    ['unlabelled by us, labelled by others', { current: [plainType, 'U:9'] }, 'nothing'],
    [
      'a label still asked for by another entry',
      { added: ['U:1', 'U:2'], current: ['U:1', 'U:2'], kept: ['U:2'] },
      ['U:1'],
    ],
    ['the unlabelled link, still asked for', { current: [plainType], kept: [] }, 'nothing'],
  ] as const)('%s', (_, parts, expected) => {
    expect(typesToTakeOff({ ...facts, ...parts })).toEqual(expected)
  })
})
