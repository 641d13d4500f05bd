import { expect, test } from 'vitest'
import { portablePattern } from '../../../../src/plan/values/portable-pattern.ts'

test.each([
  ['^\\d{5}(-\\d{4})?$', '^[0-9]{5}(-[0-9]{4})?$'],
  ['^[A-Z]{2}\\d+$', '^[A-Z]{2}[0-9]+$'],
  ['^(?:red|blue)$', '^(red|blue)$'],
  ['^[\\w.-]+@shop[.]example$', '^[A-Za-z0-9_.-]+@shop[.]example$'],
  ['^a\\.b\\+c\\$$', '^a[.]b[+]c[$]$'],
  ['^[a\\-z]$', '^[az-]$'],
  ['^\\w*$', '^[A-Za-z0-9_]*$'],
])('%s means the same to every engine', (expression, pattern) => {
  expect(portablePattern(expression)).toBe(pattern)
})

test.each([
  '',
  '^$',
  'abc',
  '^abc',
  'abc$',
  '^a|b$',
  '^(a|b$',
  '^a)b($',
  '^()$',
  '^(|a)$',
  '^(a|)$',
  '^a**$',
  '^a+?$',
  '^*$',
  '^a{2,1}$',
  '^a{999}$',
  '^(a{200}){200}$',
  '^(?=a)a$',
  '^(?i)a$',
  '^(a)\\1$',
  '^.*$',
  '^\\s$',
  '^\\bword$',
  '^[^\\s]$',
  '^[[:alpha:]]$',
  '^[z-a]$',
  '^ü$',
  '^a\nb$',
  `^${'a'.repeat(600)}$`,
])('%s is left to HubSpot', (expression) => {
  expect(portablePattern(expression)).toBeUndefined()
})
