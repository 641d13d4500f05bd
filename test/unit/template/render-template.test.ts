import { describe, expect, test } from 'vitest'
import { renderTemplate } from '../../../src/template/render-template.ts'

const row = {
  long: 'x'.repeat(1000),
  name: 'Ada',
  none: null,
  emoji: '👍👍',
  list: ['a', 'b'],
  orders: 3,
  big: '12345678901234567890',
}

describe('a result', () => {
  test.each([
    ['${ row.none }', null],
    ['  \n${ row.none } ', null],
    ['<% if row.name %>\n  ${ row.name }\n<% endif %>\n', 'Ada'],
    ['${ row.emoji | truncate: 1, "" }', '👍'],
    ['${ row.none | times: 2 | round | default: "none" }', 'none'],
    ['${ row.big }', '12345678901234567890'],
    ['${ row.orders | times: 1.1 }', '3.3000000000000003'],
  ])('%s', (template, text) => {
    expect(renderTemplate(template, row)).toEqual({ text })
  })
})

describe('what is none', () => {
  test.each([
    ['${ row.name | to_unix }', 'to_unix was given no date and time'],
    ['${ row.orders | to_iso }', 'to_iso was given no date and time'],
    ["${ 'now' | date: '%Y' }", 'date was given no date and time'],
    ["${ '2026-02-30' | to_iso }", 'to_iso was given no date and time'],
    ['${ row.orders | divided_by: 0 }', 'divided_by gives no number'],
    ['${ row.orders | modulo: row.none }', 'modulo gives no number'],
    ['${ row.name | times: 2 }', 'times gives no number'],
    ['${ row.orders | plus: row.name }', 'plus gives no number'],
    ['${ row.name | round }', 'round gives no number'],
    ['<% for i in (1..10000000) %>x<% endfor %>', 'it takes too much memory or time'],
    [
      '<% for i in (1..100) %>${ row.long }<% endfor %>',
      'its text has more than 65,536 characters',
    ],
  ])('%s', (template, problem) => {
    expect(renderTemplate(template, row)).toEqual({ problem })
  })
})

test('a rendering ends in about a second, whatever its loops', () => {
  const loops = '<% for i in (1..900) %><% for j in (1..900) %><% for k in (1..900) %>${ row.name }'
  const ends = '<% endfor %><% endfor %><% endfor %>'
  expect(renderTemplate(`${loops}${ends}`, row)).toEqual({
    problem: 'it takes too much memory or time',
  })
})

test('nothing but the row can be reached', () => {
  for (const path of ['constructor', '__proto__', 'toString', 'constructor.name']) {
    expect(renderTemplate(`\${ row.name.${path} }`, row), path).toEqual({ text: null })
    expect(renderTemplate(`\${ row.${path} }`, row), path).toEqual({ text: null })
  }
})

test('what a failure says holds no value of the row', () => {
  const secret = 'S3cret-value'
  for (const template of [
    '${ row.v | to_iso }',
    '${ row.v | round }',
    '${ row.v | where: row.v }',
    '${ row.v | date: row.v }',
  ]) {
    expect(JSON.stringify(renderTemplate(template, { v: secret }))).not.toMatch(/problem.*S3cret/)
  }
})
