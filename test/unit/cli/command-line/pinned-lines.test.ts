import { expect, test } from 'vitest'
import { createPinnedLines } from '../../../../src/cli/command-line/pinned-lines.ts'

const sequenceStart = '\u001b['

/** Control sequences, and the characters between them. */
const partsOf = (text: string): readonly string[] =>
  text.split(sequenceStart).flatMap((piece, index) => {
    const [code = ''] = index === 0 ? [] : (/^\d*[A-Za-z]/.exec(piece) ?? [])
    return [...(code === '' ? [] : [`${sequenceStart}${code}`]), ...piece.slice(code.length)]
  })

/** A terminal that does what the escape sequences of pinned lines ask for. */
function terminal(columns: number) {
  let rows = ['']
  let at = 0
  const put = (text: string) => {
    for (const part of partsOf(text)) {
      const [, count, code] = /^.\[(\d*)([A-Za-z])$/.exec(part) ?? []
      if (code === 'A') at -= Number(count)
      else if (code === 'J') rows = rows.slice(0, at)
      else if (part === '\n' || (rows[at] ?? '').length === columns) {
        at += 1
        rows[at] = part === '\n' ? '' : part
      } else if (part !== '\r' && code === undefined) rows[at] = `${rows[at] ?? ''}${part}`
      if (part === '\r' || code === 'J') rows[at] ??= ''
    }
  }
  return {
    write: put,
    columns: () => columns,
    rows: () => rows,
    /** Breaks lines anew, as terminals do. */
    resize(next: number) {
      columns = next
      const before = rows
      rows = ['']
      at = 0
      put(before.join('\n'))
    },
  }
}

test('what is written stands above the lines, which stay the last', () => {
  const screen = terminal(40)
  const pinned = createPinnedLines(screen)
  pinned.around(() => screen.write('first\n'))
  pinned.pin(['contacts 10%', 'companies 0%'])
  pinned.around(() => screen.write('a warning\nof two lines\n'))
  expect(screen.rows()).toEqual([
    'first',
    'a warning',
    'of two lines',
    'contacts 10%',
    'companies 0%',
  ])
  pinned.pin(['contacts 20%'])
  expect(screen.rows()).toEqual(['first', 'a warning', 'of two lines', 'contacts 20%'])
  pinned.pin([])
  pinned.around(() => screen.write('last\n'))
  expect(screen.rows()).toEqual(['first', 'a warning', 'of two lines', 'last', ''])
})

test('a terminal that became narrower keeps nothing of the lines', () => {
  const screen = terminal(40)
  const pinned = createPinnedLines(screen)
  pinned.around(() => screen.write('first\n'))
  pinned.pin(['contacts ██████████ 10 of 20 rows', 'companies ░░░░░░░░░░ 0 of 20 rows'])
  screen.resize(20)
  pinned.pin(['contacts 50%'])
  expect(screen.rows()).toEqual(['first', 'contacts 50%'])
})
