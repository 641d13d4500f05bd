import { expect, test } from 'vitest'
import { paintFor } from '../../../../src/cli/render/paint.ts'
import { widthOf, wrapped } from '../../../../src/cli/render/text-width.ts'
import { valuesText } from '../../../../src/cli/render/value-text.ts'

const text = (before: string | undefined, after: string, width = 80) =>
  valuesText(before, after, paintFor(false), { indent: 20, width })

test.each([
  [undefined, 'Ada', '"Ada"'],
  ['Ada', 'Eve', '"Ada" → "Eve"'],
  ['Ada', 'Ada', '"Ada" (again)'],
  ['Ada', '', '"Ada" → (cleared)'],
  ['', '', '(cleared)'],
  ['one\ntwo', 'one\n2\t', '"one\\ntwo" → "one\\n2\\t"'],
  ['x', '\u001b[2J\u202e\u0007', '"x" → "\\u001b[2J\\u202e\\u0007"'],
] as const)('%j → %j', (before, after, shown) => {
  expect(text(before, after)).toBe(shown)
})

test.each([
  ['a space that does not break', 'a b', 'a\u00a0b', '"a b" → "a\\u00a0b"'],
  ['an accent of its own', 'Zoë', 'Zoe\u0308', '"Zo\\u00eb" → "Zoe\\u0308"'],
  ['a joiner', 'Tom', 'T\u200dom', '"Tom" → "T\\u200dom"'],
  ['a space without width', 'Tom', 'Tom\u200b', '"Tom" → "Tom\\u200b"'],
  ['a mark of bytes', 'Tom', '\ufeffJim', '"Tom" → "\\ufeffJim"'],
])('values that look the same are told apart: %s', (_name, before, after, shown) => {
  expect(text(before, after)).toBe(shown)
})

test('values for which one line is too short stand under each other', () => {
  const [before, after] = [
    'Operations Director, Northern Europe',
    'Chief Operating Officer, Europe',
  ]
  expect(text(before, after)).toBe(`"${before}"\n${' '.repeat(20)}→ "${after}"`)
})

test('of a long value the part is shown that differs, and how long it is', () => {
  const [before, after] = [`${'x'.repeat(5000)}old end`, `${'x'.repeat(5000)}new end`]
  expect(text(before, after)).toBe(
    `"…${'x'.repeat(15)}old end" (5,007 characters)\n${' '.repeat(20)}→ "…${'x'.repeat(15)}new end" (5,007 characters)`,
  )
  expect(text(undefined, before)).toMatch(/^"x{30,}…" \(5,007 characters\)$/)
})

test('a difference is shown, however wide the characters before it are', () => {
  const same = '漢字かな交じり文'.repeat(4)
  const [first, second] = text(`${same}一${same}`, `${same}二${same}`).split('\n')
  expect(first).toContain('一')
  expect(second).toContain('二')
})

test.each([
  ['漢字かな交じり文'.repeat(40), `${'漢字かな交じり文'.repeat(40)}。`],
  ['👨‍👩‍👧‍👦'.repeat(300), `${'👨‍👩‍👧‍👦'.repeat(299)}👨‍👩‍👧`],
  [`e${'\u0301'.repeat(50_000)}`, `e${'\u0301'.repeat(50_001)}`],
  ['\ud800'.repeat(900), '\udc00'.repeat(900)],
  ['"\\\n'.repeat(500), '"\\\t'.repeat(500)],
])('no line is wider than the terminal, and no character is cut apart', (before, after) => {
  for (const width of [44, 80, 120]) {
    const lines = text(before, after, width).split('\n')
    expect(lines.length).toBeLessThanOrEqual(2)
    const widths = lines.map((line, index) => widthOf(line) + (index === 0 ? 20 : 0))
    expect(Math.max(...widths)).toBeLessThanOrEqual(width + 1)
    expect(lines.join('')).not.toMatch(
      /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/,
    )
  }
})

test('an arrow between words that are read from the right does not change sides with them', () => {
  expect(text('שלום', 'עולם')).toBe('"שלום"\u200e → "עולם"\u200e')
})

test('digests are as long as they have to be', () => {
  const [one, other] = ['ab'.repeat(32), 'cd'.repeat(32)]
  expect(text(one, other)).toBe('abababababab… → cdcdcdcdcdcd…')
  expect(text(one, `${one.slice(0, 63)}0`)).toContain('abababa0"')
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  expect(text(one, empty)).toBe('abababababab… → (cleared)')
})

test('a line that is wider than the terminal is broken at its spaces', () => {
  expect(wrapped('  ! one two three', 12)).toBe('  ! one two\n    three')
  expect(wrapped('  ! one two three', undefined)).toBe('  ! one two three')
  expect(wrapped(`  ${'x'.repeat(30)}`, 12)).toBe(`  ${'x'.repeat(30)}`)
})

test.each([
  ['abc', 3],
  ['漢字', 4],
  ['e\u0301', 1],
  ['👨‍👩‍👧‍👦', 2],
  ['❤️', 2],
  ['🇮🇸', 2],
])('%s takes %i places', (some, width) => {
  expect(widthOf(some)).toBe(width)
})
