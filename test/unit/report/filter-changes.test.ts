import { expect, test } from 'vitest'
import { filterChanges } from '../../../src/report/page/filter-changes.ts'
import { readPayload } from '../../../src/report/payload-lines.ts'
import { reportFixture } from '../../support/report-fixture.ts'
import { textOfPayload } from '../../support/report-payload.ts'

/** Words that JSON, the page or small letters write otherwise, each in a change of its own; more than fit into a line. */
const words = [
  '</b>',
  'a"b',
  'back\\slash',
  'ÄRGER',
  'İ',
  'ß',
  '&amp;',
  'two\nlines',
  '😀',
  'a=b=c',
  'x',
]

test('a search finds the changes that hold the words, and those only, wherever they stand', () => {
  const report = reportFixture()
  const length = 1_500
  const word = (index: number) => words[index % words.length] ?? ''
  const column = <T>(of: (index: number) => T) => Array.from({ length }, (_, index) => of(index))
  const payload = readPayload(
    textOfPayload({
      ...report,
      changes: {
        run: column(() => 0),
        operation: column(() => 'update'),
        outcome: column(() => 'succeeded'),
        requestId: column((index) => (index % 2 === 0 ? null : 'req-1')),
        problem: column(() => null),
        rowId: column((index) => `row ${index}`),
        recordId: column(() => null),
        message: column((index) => (index === 1_400 ? 'Refused by HUBSPOT' : null)),
        link: column(() => null),
        values: column((index) => ({ Note: [null, word(index)] })),
      },
    }),
  )
  if (payload === undefined) return expect.unreachable()
  const found = (text: string) => filterChanges(payload, { text })
  for (const [place, each] of words.entries()) {
    if (each === 'x') continue
    const expected = column((index) => index).filter((index) => index % words.length === place)
    expect(found(each), each).toEqual(expected)
    expect(found(`NOTE=${each}`), each).toEqual(expected)
  }
  expect(found('row 1499')).toEqual([1_499])
  expect(found('hubspot')).toEqual([1_400])
  expect(found('note=row')).toEqual([])
  expect(found('"rowid"')).toEqual([])
  expect(filterChanges(payload, { requestId: 'req-1' })).toHaveLength(length / 2)
})
