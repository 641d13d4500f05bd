import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { silentLogger } from '../../../src/log.ts'
import { GraphReader } from '../../../src/manifest/graph-reader.ts'
import { readManifest } from '../../../src/manifest/read-manifest.ts'

/** Writes a manifest of about that size; `metadata` comes last, as in early Fusion's files. */
export async function writeLargeManifest(path: string, megabytes: number): Promise<number> {
  let models = 0
  function* parts(): Generator<string> {
    let written = 0
    yield '{"macros": {"macro.shop.x": {"macro_sql": "'
    for (; written < megabytes * 0.3e6; written += 1000) yield 'select '.padEnd(1000, 'x')
    yield '"}}, "nodes": {'
    for (; written < megabytes * 1e6; models += 1) {
      const node = JSON.stringify(largeNode(models))
      written += node.length
      yield `${models === 0 ? '' : ','}"model.shop.m${models}": ${node}`
    }
    yield '}, "parent_map": {}, "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "dbt_version": "1.12.0"}}'
  }
  await pipeline(Readable.from(parts()), createWriteStream(path))
  return models
}

function largeNode(number: number) {
  return {
    resource_type: 'model',
    name: `m${number}`,
    package_name: 'shop',
    fqn: ['shop', `m${number}`],
    schema: 'main',
    relation_name: `"shop"."main"."m${number}"`,
    original_file_path: `models/m${number}.sql`,
    raw_code: 'select * from somewhere where this_is = "long" '.repeat(120),
    compiled_code: 'select * from somewhere where this_is = "long" '.repeat(120),
    config: { materialized: 'table' },
    depends_on: { macros: ['macro.shop.x'], nodes: [`model.shop.m${number - 1}`] },
  }
}

// As a program: reads the manifest named on the command line within the heap that its caller allows.
if (process.argv[1] === import.meta.filename) {
  const [, , path = '', mode, ...parts] = process.argv
  const streamAboveBytes = mode === 'stream' ? 0 : Number.POSITIVE_INFINITY
  const reader = new GraphReader({ config: ['materialized'], contents: parts.includes('contents') })
  const options = { log: silentLogger, streamAboveBytes }
  const manifest = await readManifest(path, {
    ...options,
    ...(parts.includes('graph') ? { graphReader: () => reader } : {}),
  })
  console.log(`${manifest.models.size} ${Math.round(process.memoryUsage().rss / 1e6)}`)
}
