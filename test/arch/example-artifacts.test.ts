import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listFiles } from './source-files.ts'

const project = 'dbt_project_example'
const remake = 'run `node scripts/example-artifacts.mjs` and commit dbt_project_example/artifacts'

interface Node {
  readonly name: string
  readonly resource_type: string
  readonly original_file_path: string
  readonly raw_code?: string
  readonly compiled_code?: string
  readonly checksum: { readonly checksum: string }
  readonly config: { readonly meta: unknown }
}

const text = readFileSync(join(project, 'artifacts', 'manifest.json'), 'utf8')
const results = readFileSync(join(project, 'artifacts', 'run_results.json'), 'utf8')
const manifest: { nodes: Record<string, Node> } = JSON.parse(text)
const nodes = Object.values(manifest.nodes)
const models = nodes.filter((node) => node.resource_type === 'model')
const seeds = nodes.filter((node) => node.resource_type === 'seed')
const read = (path: string) => readFileSync(join(project, path), 'utf8')

describe('the committed artifacts of the example project', () => {
  test('know every model and seed', () => {
    const known = [...models, ...seeds].map((node) => `${project}/${node.original_file_path}`)
    const present = [
      ...listFiles(`${project}/models`, /\.sql$/),
      ...listFiles(`${project}/seeds`, /\.csv$/),
    ]
    expect(known.sort(), remake).toEqual(present.sort())
  })

  test.each(models)('hold the SQL of $name as it is, compiled', (node) => {
    expect(node.raw_code?.trim(), remake).toBe(read(node.original_file_path).trim())
    expect(node.compiled_code).toMatch(/\bselect\b/)
  })

  test.each(seeds)('were made with the rows of $name as they are', (node) => {
    const rows = read(node.original_file_path).trim()
    expect(node.checksum.checksum, remake).toBe(createHash('sha256').update(rows).digest('hex'))
  })

  test('hold no path of the machine they were made on', () => {
    expect(text + results).not.toMatch(/["' ](\/(home|root|tmp|work|Users|private|var)\/|[A-Z]:\\)/)
  })
})
