import { describe, expect, test } from 'vitest'
import { JinjaError, renderJinja } from '../../../src/project/jinja.ts'

const env = {
  PORT: '5432',
  ON: 'True',
  HOST: 'DB.Example.com',
  EMPTY: '',
  KEY_JSON: '{"type": "service_account", "private_key": "-----BEGIN\\nx"}',
  KEY_PYTHON: "{'a': True, 'b': [1, None, 'it\\'s'], 'c': (1.5, -2)}",
  DBT_ENV_SECRET_TOKEN: 'hunter2',
  URL: '//db.example.com/',
}
const vars = { size: 3, nested: { a: [1, 2] } }

function render(template: string) {
  const secrets = new Set<string>()
  return { value: renderJinja(template, { env, vars, secrets }), secrets }
}

describe('a template', () => {
  test.each<[string, unknown]>([
    ['plain', 'plain'],
    ["{{ env_var('HOST') }}", 'DB.Example.com'],
    ["{{ env_var('NONE', 'fallback') }}", 'fallback'],
    ["{{ env_var('NONE', default='fallback') }}", 'fallback'],
    ["{{ env_var(var='HOST') }}", 'DB.Example.com'],
    ["{{ env_var('EMPTY') }}", ''],
    ["{{ env_var('EMPTY') or 'other' }}", 'other'],
    ["{{ env_var('HOST') | lower }}", 'db.example.com'],
    ["{{ env_var('HOST').lower().replace('.', '_')[:5] }}", 'db_ex'],
    ["{{ 'a' if env_var('PORT') == '5432' else 'b' }}", 'a'],
    ["{{ env_var('NONE', '') ~ env_var('PORT') }}", '5432'],
    [
      "jdbc:{{ env_var('HOST') | lower }}:{{ env_var('PORT') | as_number }}",
      'jdbc:db.example.com:5432',
    ],
    ["{% if env_var('ON') == 'True' %}yes{% else %}no{% endif %}", 'yes'],
    ["{# why #}{{ env_var('PORT') | as_number }}", 5432],
    ["{{ env_var('URL').rstrip('/') }}", '//db.example.com'],
    ["{{ env_var('URL').lstrip('/') }}", 'db.example.com/'],
    ["{{ env_var('URL').strip('/m') }}", 'db.example.co'],
    ["{{ ' a '.strip() ~ ' b '.lstrip() ~ ' c '.rstrip(none) }}", 'ab  c'],
    ["{{ env_var('HOST').capitalize() }}", 'Db.example.com'],
    ["{{ env_var('HOST') | capitalize }}", 'Db.example.com'],
    ["{{ 'FEATURE-branch' | title }}", 'Feature-Branch'],
    ["{{ 'FEATURE branch'.title() }}", 'Feature Branch'],
    ["{% raw %}pa{{ss'\\n{%{% endraw %}", "pa{{ss'\\n{%"],
    ["a {%- raw -%} {{ b }} {%- endraw %} {{ 'c' }}", 'a{{ b }} c'],
  ])('%s', (template, expected) => {
    expect(render(template).value).toEqual(expected)
  })
})

describe('one expression alone keeps its type', () => {
  test.each<[string, unknown]>([
    ["{{ env_var('PORT') }}", '5432'],
    ["{{ env_var('PORT') | as_number }}", 5432],
    ["{{ env_var('PORT') | int }}", 5432],
    ["{{ env_var('PORT') | as_number + 1 }}", 5433],
    ["{{ env_var('ON') | as_bool }}", true],
    ["{{ env_var('NONE', 'false') | as_bool }}", false],
    ["{{ env_var('PORT') | as_native }}", 5432],
    ["{{ env_var('HOST') | as_native }}", 'DB.Example.com'],
    ["{{ var('size') | as_text }}", '3'],
    ["{{ var('nested') }}", { a: [1, 2] }],
    ["{{ var('nested').a[1] }}", 2],
    ["{{ var('none', ['a']) }}", ['a']],
    ["{{ env_var('PORT') | as_number }}\n", 5432],
    [
      "{{ env_var('KEY_JSON') | as_native }}",
      { type: 'service_account', private_key: '-----BEGIN\nx' },
    ],
    ["{{ env_var('KEY_PYTHON') | as_native }}", { a: true, b: [1, null, "it's"], c: [1.5, -2] }],
    ['{{ true }}', true],
    ['{{ none }}', null],
  ])('%s', (template, expected) => {
    expect(render(template).value).toEqual(expected)
  })
})

describe('what cannot be rendered is told in words', () => {
  test.each([
    ["{{ env_var('NONE') }}", /environment variable NONE is needed but not set/],
    ["{{ env_var('NONE', none) }}", /environment variable NONE/],
    ["{{ var('none') }}", /variable none is needed/],
    ['{{ target.name }}', /undefined/],
    ["{{ env_var('HOST') | as_bool }}", /neither true nor false/],
    ["{{ env_var('HOST') | as_number }}", /no number/],
    ["{{ env_var('HOST') | b64encode }}", /b64encode/],
    ["{{ env_var('HOST }}", /not valid Jinja/],
    ['{{ env_var() }}', /needs a name/],
  ])('%s', (template, message) => {
    expect(() => render(template)).toThrow(JinjaError)
    expect(() => render(template)).toThrow(message)
  })
})

test('secrets are collected, also what is made of them', () => {
  const { value, secrets } = render("Bearer {{ env_var('DBT_ENV_SECRET_TOKEN') | upper }}")
  expect(value).toBe('Bearer HUNTER2')
  expect([...secrets].sort()).toEqual(['Bearer HUNTER2', 'hunter2'])
})
