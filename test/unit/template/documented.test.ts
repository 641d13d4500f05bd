import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { allowedFilters } from '../../../src/template/filters.ts'
import { allowedTags } from '../../../src/template/liquid.ts'
import { renderTemplate } from '../../../src/template/render-template.ts'

const page = readFileSync('docs/templates.md', 'utf8')
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    (found) => found[1] ?? '',
  )
const row = JSON.parse(blocks('json')[0] ?? '')
/** A template may go over several lines; its result ends it. */
const examples = blocks('liquid').flatMap((block) =>
  [...block.matchAll(/([\s\S]*?) → (.*)\n/g)].map(
    (found) => [found[1] ?? '', found[2] ?? ''] as const,
  ),
)

describe('docs/templates.md', () => {
  test.each(examples)('%s', (template, result) => {
    expect(renderTemplate(template, row)).toEqual({ text: result === '(NULL)' ? null : result })
  })

  test('shows every filter and every tag', () => {
    const shown = (pattern: (name: string) => RegExp) => (name: string) =>
      !examples.some(([template]) => pattern(name).test(template))
    expect(allowedFilters.filter(shown((name) => new RegExp(`\\| ${name}\\b`)))).toEqual([])
    expect(allowedTags.filter(shown((name) => new RegExp(`<% ${name}[ %]`)))).toEqual([])
  })
})
