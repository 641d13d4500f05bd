import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { fullFormats } from 'ajv-formats/dist/formats.js'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { eventSync } from '../../../src/config/event-schema.ts'
import { jsonSchema, settingsJsonSchema } from '../../../src/config/json-schema.ts'
import { listSync } from '../../../src/config/list-schema.ts'
import { objectSync } from '../../../src/config/object-schema.ts'
import { columnMapping, propertyObject } from '../../../src/config/property-schema.ts'
import { referenceMarkdown } from '../../../src/config/reference.ts'
import { settingsSchema } from '../../../src/config/settings-schema.ts'
import { hasSamples, samplesDir } from '../manifest/samples.ts'

const root = join(import.meta.dirname, '../../..')

test('schema.json is what the schemas say', async () => {
  const text = `${JSON.stringify(jsonSchema(), null, 2)}\n`
  await expect(text).toMatchFileSnapshot(join(root, 'schema.json'))
})

test('docs/reference.md is what the schemas say', async () => {
  await expect(referenceMarkdown()).toMatchFileSnapshot(join(root, 'docs/reference.md'))
})

describe('the editor schema', () => {
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(jsonSchema())
  const accepts = (yaml: string) => validate(parse(yaml))
  const read = (path: string) => readFileSync(join(root, path), 'utf8')

  test.each([
    'test/fixtures/config/valid/object.yml',
    'test/fixtures/config/valid/columns.yml',
    'test/fixtures/config/valid/defaults.yml',
    'dbt_project_example/models/marts/_marts.yml',
    'dbt_project_example/models/marts/_exposures.yml',
  ])('accepts %s', (path) => {
    expect(accepts(read(path)), JSON.stringify(validate.errors)).toBe(true)
  })

  test('refuses an unknown key of a sync, and leaves everything else alone', () => {
    const withKey = (key: string) =>
      `models: [{name: a, columns: [{name: b, tests: [x]}], config: {meta: {owner: me, hubspot: {object: contacts, ${key}: 1}}}}]`
    expect(accepts(withKey('max_rejected'))).toBe(true)
    expect(accepts(withKey('max_rejectd'))).toBe(false)
  })

  test('lets defaults give what a sync needs', () => {
    const withDefaults = (defaults: string) =>
      `models: [{name: a, config: {meta: {${defaults} hubspot: {sync: leads, match: {email: email}}}}}]`
    expect(accepts(withDefaults('hubspot_defaults: {object: contacts},'))).toBe(true)
    // They may stand in dbt_project.yml, too.
    expect(accepts(withDefaults(''))).toBe(true)
  })

  test('lets Jinja stand for a number, a boolean or a choice', () => {
    const sync = `{object: contacts, enabled: "{{ var('on') }}", mode: "{{ var('mode') }}", max_attempts: "{{ var('n') }}"}`
    expect(accepts(`models: [{name: a, config: {meta: {hubspot: ${sync}}}}]`)).toBe(true)
  })
})

describe("the editor schema beside dbt's own", () => {
  const folder = join(samplesDir, 'schemas')
  const ofDbt = hasSamples
    ? readdirSync(folder).filter((name) => name.startsWith('dbt_yml_files'))
    : ['of a schema that is not here']

  test.skipIf(!hasSamples).each(ofDbt)(
    '%s: both hold for one file',
    (name) => {
      const ajv = new Ajv({ strict: false, validateFormats: false })
      const own = JSON.parse(readFileSync(join(folder, name), 'utf8'))
      const validators = [own, jsonSchema()].map((schema) => ajv.compile(schema))
      const [dbt, ours] = validators.map((validate) => (yaml: string) => validate(parse(yaml)))
      const sync = (keys: string) =>
        `models: [{name: a, description: b, config: {materialized: table, meta: {owner: c, hubspot: {object: contacts, ${keys}}}}}]`
      expect([dbt?.(sync('mode: upsert')), ours?.(sync('mode: upsert'))]).toEqual([true, true])
      expect([dbt?.(sync('moed: upsert')), ours?.(sync('moed: upsert'))]).toEqual([true, false])
      // What dbt alone knows is none of ours.
      const ofDbtAlone = 'sources: [{name: s, tables: [{name: t}]}]\nmetrics: [1]\nanchors: {a: 1}'
      expect(ours?.(ofDbtAlone)).toBe(true)
      // Compiling dbt's schema takes seconds where the machine has other work, too.
    },
    60_000,
  )
})

describe('the schema of backhaul.yml', () => {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, formats: { uri: fullFormats.uri } })
  const validate = ajv.compile(settingsJsonSchema())
  const accepts = (yaml: string) => validate(parse(yaml))

  test('accepts what is read, with Jinja where dbt would render it', () => {
    const example = readFileSync(join(root, 'dbt_project_example/backhaul.yml'), 'utf8')
    expect(accepts(example), JSON.stringify(validate.errors)).toBe(true)
    const jinja = `hubspot: {base_url: "{{ env_var('URL') }}", max_calls_per_run: "{{ env_var('N') | as_number }}"}
targets: {prod: {portal_id: "{{ env_var('PORTAL') }}"}, dev: }`
    expect(accepts(jinja), JSON.stringify(validate.errors)).toBe(true)
    expect(accepts('targets: [prod]')).toBe(true)
  })

  test.each([
    'targets: {prod: {portal: 1}}',
    'audit: {values: some}',
    'hubspot: {base_url: nowhere}',
    'leaseseconds: 60',
  ])('refuses %s', (yaml) => {
    expect(accepts(yaml)).toBe(false)
  })
})

describe('every key', () => {
  const schemas = { objectSync, eventSync, listSync, propertyObject, columnMapping, settingsSchema }
  for (const [name, schema] of Object.entries(schemas)) {
    test(`of ${name} has a description, a default or none in words, and an example`, () => {
      const missing = [...keysOf(schema, name)].filter(({ value }) => {
        const facts = value.meta()
        const isRequired = !(value instanceof z.ZodOptional) && !(value instanceof z.ZodDefault)
        const hasDefault =
          isRequired || value instanceof z.ZodDefault || typeof facts?.['defaultText'] === 'string'
        return !facts?.description || !Array.isArray(facts['examples']) || !hasDefault
      })
      expect(missing.map(({ key }) => key)).toEqual([])
    })
  }
})

function* keysOf(schema: z.ZodType, prefix: string): Generator<{ key: string; value: z.ZodType }> {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodNullable
  ) {
    yield* keysOf(schema.unwrap() as z.ZodType, prefix)
  } else if (schema instanceof z.ZodUnion) {
    for (const option of schema.options) yield* keysOf(option as z.ZodType, prefix)
  } else if (schema instanceof z.ZodArray) {
    yield* keysOf(schema.element as z.ZodType, `${prefix}[]`)
  } else if (schema instanceof z.ZodRecord) {
    yield* keysOf(schema.valueType as z.ZodType, `${prefix}.*`)
  } else if (schema instanceof z.ZodObject) {
    for (const [key, value] of Object.entries(schema.shape as Record<string, z.ZodType>)) {
      yield { key: `${prefix}.${key}`, value }
      yield* keysOf(value, `${prefix}.${key}`)
    }
  }
}
