import { expect, test } from 'vitest'
import { emptyReport } from '../../../src/report/collect.ts'
import { pageText } from '../../../src/report/page-text.ts'
import { escapeForScript, payloadText, readPayload } from '../../../src/report/payload-lines.ts'
import { wholePayload } from '../../support/report-payload.ts'

const template = `<meta content="default-src 'none'; connect-src 'none'"><script type="application/json" id="payload"></script><p>end</p>`

const facts = {
  generatedAt: '2026-11-26T12:00:00.000Z',
  backhaulVersion: '1.0.0',
  targetName: 'prod',
  warehouse: 'DuckDB',
  since: '2026-11-01T00:00:00.000Z',
  values: 'full' as const,
}

const hostile = [
  '</script><script>alert(1)</script>',
  '<!--<script>',
  '$& $` $1 $$',
  '\u2028\u2029 \u0000 \ud83d\ude00 \ud800',
  '"}],"changes":{"',
  '&lt; \\u003c \\ \' " &quot;',
  'id="payload"></script>',
  '__proto__',
]

function reportOf(texts: readonly string[]) {
  const empty = emptyReport(facts, texts.join(' '))
  const { changes } = empty
  return {
    ...empty,
    changes: {
      ...changes,
      run: texts.map((_, index) => index),
      rowId: texts,
      values: texts.map((text) => JSON.stringify({ [text]: [null, text] })),
    },
  }
}

test('text for inside of a script holds nothing that could end it, and is the same JSON', () => {
  for (const text of hostile) {
    const json = JSON.stringify(text)
    const escaped = escapeForScript(json)
    expect(escaped).not.toMatch(/[<>&\u2028\u2029]/)
    expect(JSON.parse(escaped)).toBe(JSON.parse(json))
  }
})

test('what is put into the page is read from it as it was, whatever it holds', () => {
  const page = [...pageText(template, payloadText(reportOf(hostile)), false)].join('')
  expect(page.split('</script>')).toHaveLength(2)
  const json = /<script type="application\/json" id="payload">(.*)<\/script><p>end<\/p>$/s.exec(
    page,
  )?.[1]
  const payload = wholePayload(json ?? '')
  expect(payload.changes.rowId).toEqual(
    hostile.map((text) => JSON.parse(Buffer.from(JSON.stringify(text)).toString())),
  )
  expect(Object.keys(payload.changes.values[7] ?? {})).toEqual(['__proto__'])
  expect(payload).toMatchObject({ ...facts, version: 1, portalId: null, note: hostile.join(' ') })
})

test('columns longer than a line are whole, and a payload that is cut is none', () => {
  const many = Array.from({ length: 2_500 }, (_, index) => `row ${index}`)
  const text = [...payloadText(reportOf(many))].join('')
  const payload = wholePayload(text)
  expect(payload.changes.rowId).toEqual(many)
  expect(payload.changes.values).toHaveLength(2_500)
  expect(wholePayload([...payloadText(reportOf([]))].join('')).changes.rowId).toEqual([])
  expect(() => readPayload(text.slice(0, -1))).toThrow(SyntaxError)
  expect(() => readPayload(text.slice(0, text.lastIndexOf('\n')))).toThrow(SyntaxError)
  expect(readPayload('{"version":2}')).toBeUndefined()
})

test('the changes of a row are found by its whole key, whatever that is', () => {
  const keys = [...hostile, '<', 'row', 'row 1']
  const payload = readPayload([...payloadText(reportOf([...keys, ...keys]))].join(''))
  for (const [index, key] of keys.entries()) {
    expect(payload?.changes.ofRow(key)).toEqual([index, index + keys.length])
  }
  expect(payload?.changes.ofRow('ro')).toEqual([])
})

test('a page in a file connects nowhere; one that is served to its own server', () => {
  const pageOf = (isLive: boolean) => [...pageText(template, ['{}'], isLive)].join('')
  expect(pageOf(false)).toContain("connect-src 'none'")
  expect(pageOf(false)).not.toContain('data-live')
  expect(pageOf(true)).toContain("connect-src 'self'")
  expect(pageOf(true)).toContain('id="payload" data-live="">{}</script>')
})

test.each(['', template + template])(
  'a page without one place for the payload is refused',
  (page) => {
    expect(() => [...pageText(page, ['{}'], false)]).toThrow('no single place')
  },
)
