import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allowedFilters } from '../../src/template/filters.ts'
import { parseTemplate } from '../../src/template/parse-template.ts'
import { renderTemplate } from '../../src/template/render-template.ts'

const cell = fc.oneof(
  fc.constant(null),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.array(fc.string({ maxLength: 5 }), { maxLength: 4 }),
  fc.jsonValue({ maxDepth: 2 }),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
)
const argument = fc.constantFrom(
  '',
  ': 1',
  ': row.b',
  ": 'x'",
  ': 0',
  ": 'x', row.b",
  ': 1, 2',
  ': row.a, 3',
)
const filters = fc.array(fc.tuple(fc.constantFrom(...allowedFilters), argument), { maxLength: 4 })

test('rendering throws for no row, and gives the same text each time', () => {
  fc.assert(
    fc.property(filters, cell, cell, (chain, a, b) => {
      const template = `\${ row.a${chain.map(([name, given]) => ` | ${name}${given}`).join('')} }`
      const first = renderTemplate(template, { a, b })
      expect(renderTemplate(template, { a, b })).toEqual(first)
      if (!('text' in first) || first.text === null) return
      expect(first.text).not.toBe('')
      expect(first.text).not.toMatch(/\p{Surrogate}/u)
      expect(first.text).not.toContain('\u0000')
    }),
    { numRuns: 3000 },
  )
})

const fragment = fc.constantFrom(
  '${',
  '}',
  '<%',
  '%>',
  ' row.a ',
  " row['b c'] ",
  '|',
  ' upcase ',
  ' if ',
  ' endif ',
  ' for i in ',
  '(1..3)',
  ' else ',
  "'",
  '"',
  '[',
  ']',
  '-',
  ' raw ',
  ' endraw ',
  ' assign x = ',
  ' include ',
  'x',
  '\n',
  '#',
  ' where ',
  ':',
  ',',
)

test('any text is a template that renders, or is told what is wrong with it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fragment, fc.string({ maxLength: 3 })), { maxLength: 12 }),
      (parts) => {
        const template = parts.join('')
        const parsed = parseTemplate(template)
        if (parsed.ok) renderTemplate(template, { a: 'x', 'b c': 1 })
        else {
          expect(parsed.problems.length).toBeGreaterThan(0)
          for (const { message } of parsed.problems)
            expect(message).toMatch(/^The template .*\(line \d+, column \d+ of the template\)$/s)
        }
      },
    ),
    { numRuns: 3000 },
  )
})
