import { expect, test } from 'vitest'
import { findCycle, findImports } from './source-files.ts'

test('every form of import is found', () => {
  const text = `import { a } from './a.ts'
import type { B } from './b.ts'
import {
  c,
  type D,
} from "./c.ts"
import './effect.ts'
export { e } from './e.ts'
export * from './f.ts'
const g = await import('./g.ts')
let h: import('./h.ts').H
import i from './i.json' with { type: 'json' }
export const text = 'from "./not-this.ts"'
`
  expect(findImports(text).map((found) => found.specifier)).toEqual([
    './a.ts',
    './b.ts',
    './c.ts',
    './effect.ts',
    './e.ts',
    './f.ts',
    './g.ts',
    './h.ts',
    './i.json',
  ])
})

test('comments hold no imports', () => {
  const text = `// import { a } from './a.ts'
/**
 * import('./b.ts')
 */
import { c } from './c.ts'
`
  expect(findImports(text)).toEqual([
    { specifier: './c.ts', line: 5, isLazy: false, isType: false },
  ])
})

test('an import that is computed has no name that a table could allow', () => {
  expect(findImports('const a = await import(name)')).toEqual([
    { specifier: '<computed>', line: 1, isLazy: true, isType: false },
  ])
})

test('a cycle is found and named', () => {
  const graph = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', []],
    ['d', ['b']],
  ])
  expect(findCycle(graph)).toEqual(['b', 'd', 'b'])
  expect(findCycle(new Map([['a', ['b']]]))).toBeUndefined()
})
