import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { fullFormats } from 'ajv-formats/dist/formats.js'
import { expect } from 'vitest'
import { artifactNames, artifactSchema } from '../../src/cli/artifacts/artifacts.ts'

const ajv = new Ajv2020({ allErrors: true, formats: fullFormats })

const schemas = Object.fromEntries(
  artifactNames.map((name) => [name, ajv.compile(artifactSchema(name, true))]),
)

/** What commands left in `target/backhaul` is what its JSON Schemas say, and nothing more. */
export function expectArtifacts(folder: string): void {
  for (const name of artifactNames) {
    const path = join(folder, `${name}.json`)
    if (!existsSync(path)) continue
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'))
    const isValid = schemas[name]?.(content)
    expect(schemas[name]?.errors ?? [], `${name}.json and its schema`).toEqual([])
    expect(isValid).toBe(true)
  }
}
