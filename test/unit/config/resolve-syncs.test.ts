import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { resolveSyncs } from '../../../src/config/resolve-syncs.ts'
import { formatProblem } from '../../../src/errors.ts'
import { manifestFromYaml } from './manifest-from-yaml.ts'

const fixtures = join(import.meta.dirname, '../../fixtures/config')

function resolve(text: string, name: string, files: Readonly<Record<string, string>> = {}) {
  const file = `models/${name}`
  const all: Readonly<Record<string, string>> = { [`/shop/${file}`]: text, ...files }
  const manifest = manifestFromYaml(text, file)
  return resolveSyncs(manifest, { projectDir: '/shop', readFile: (path) => all[path] })
}

const fixturesIn = (folder: string) =>
  readdirSync(join(fixtures, folder)).filter((name) => name.endsWith('.yml'))

describe('invalid syncs', () => {
  for (const name of fixturesIn('invalid')) {
    test(name, async () => {
      const text = readFileSync(join(fixtures, 'invalid', name), 'utf8')
      const { problems } = resolve(text, name)
      expect(problems).not.toEqual([])
      const words = `${problems.map(formatProblem).join('\n')}\n`
      await expect(words).toMatchFileSnapshot(
        join(fixtures, 'invalid', name.replace('.yml', '.txt')),
      )
    })
  }
})

describe('valid syncs', () => {
  for (const name of fixturesIn('valid')) {
    test(name, async () => {
      const text = readFileSync(join(fixtures, 'valid', name), 'utf8')
      const { syncs, problems } = resolve(text, name)
      expect(problems).toEqual([])
      const plain = syncs.map((sync) => ({
        ...sync,
        model: sync.model.relationName,
        ...(sync.model.currentRows === undefined ? {} : { currentRows: sync.model.currentRows }),
        origin: `${sync.origin.line}:${sync.origin.column} ${sync.origin.path}`,
        keyOrigins: Object.fromEntries(
          Object.entries(sync.keyOrigins).map(([key, { line, column }]) => [
            key,
            `${line}:${column}`,
          ]),
        ),
        associations: sync.associations.map(({ origin, ...association }) => ({
          ...association,
          origin: `${origin.line}:${origin.column} ${origin.path}`,
        })),
        mappings: sync.mappings.map(({ origin, ...mapping }) => ({
          ...mapping,
          origin: `${origin.line}:${origin.column} ${origin.path}`,
        })),
      }))
      await expect(`${JSON.stringify(plain, null, 2)}\n`).toMatchFileSnapshot(
        join(fixtures, 'valid', name.replace('.yml', '.json')),
      )
    })
  }
})
