import { describe, expect, test } from 'vitest'
import { pairTypes } from '../../../src/resolve/inverse-types.ts'
import type { LinkType } from '../../../src/types.ts'

const type = (typeId: number, label: string | null, name?: string): LinkType => ({
  category: 'U',
  typeId,
  label,
  name,
})

describe('types of the two directions', () => {
  test.each([
    ['one internal name', [type(1, 'Buyer', 'b')], [type(2, 'Bought', 'b')], ['U:1'], ['U:1']],
    ['one label', [type(1, 'Payer')], [type(2, 'Payer')], ['U:1'], ['U:1']],
    [
      'the last ones left',
      [type(1, 'Buyer'), type(5, 'Payer')],
      [type(2, 'Bought'), type(6, 'Payer')],
      ['U:1'],
      ['U:1'],
    ],
    [
      'neither: any that is left',
      [type(1, 'Buyer'), type(3, 'Boss'), type(5, 'Payer')],
      [type(2, 'Bought'), type(6, 'Payer')],
      ['U:1', 'U:3'],
      [],
    ],
    ['the unlabelled one is none', [type(1, null)], [type(2, null)], [], []],
  ])('%s', (_, there, back, may, surely) => {
    const types = pairTypes(there, back)
    expect(types.there(['U:2'])).toEqual(may)
    expect(types.surely(['U:2'])).toEqual(surely)
  })

  test('of one object both are in one list', () => {
    const all = [type(1, 'Boss', 'b'), type(2, 'Report', 'b'), type(3, 'Friend', 'f')]
    const types = pairTypes(all, all)
    expect(types.surely(['U:1', 'U:2', 'U:3'])).toEqual(['U:2', 'U:1', 'U:3'])
  })
})
