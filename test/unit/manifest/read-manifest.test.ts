import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { UserError } from '../../../src/errors.ts'
import { type Logger, silentLogger } from '../../../src/log.ts'
import { readManifest } from '../../../src/manifest/read-manifest.ts'
import type { Manifest } from '../../../src/types.ts'
import { exampleArtifacts, hasSamples, samples, samplesDir } from './samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'backhaul-manifest-'))
afterAll(() => rmSync(folder, { recursive: true }))

const log = silentLogger

function file(content: unknown, name = 'manifest.json'): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const metadata = {
  dbt_schema_version: 'https://schemas.getdbt.com/dbt/manifest/v12.json',
  dbt_version: '1.12.0',
}

async function read(nodes: object, more: object = {}): Promise<Manifest> {
  return readManifest(file({ nodes, metadata, ...more }), { log })
}

async function problemOf(path: string): Promise<string> {
  const error = await readManifest(path, { log, retryAfterMs: 1 }).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(UserError)
  expect((error as UserError).problems).toHaveLength(1)
  return (error as UserError).message
}

describe.skipIf(!hasSamples)('real manifests', () => {
  test.each(samples('manifest.'))('%s', async (name) => {
    const warnings: string[] = []
    const path = join(samplesDir, name)
    const loud: Logger = { ...log, warn: (message) => warnings.push(message) }
    const manifest = await readManifest(path, { log: loud })
    expect(warnings).toEqual([])
    expect(name).toContain(`.v${manifest.schemaVersion}.`)
    expect(name).toContain(manifest.dbtVersion)
    expect(manifest.projectName).toMatch(/^[a-z_]+$/)
    expect(manifest.invocationId).toMatch(/^[0-9a-f-]{36}$/)
    expect(manifest.models.size).toBeGreaterThan(1)
    for (const model of manifest.models.values()) {
      expect(model.relationName, model.uniqueId).toMatch(/\S/)
      expect(`${model.originalFilePath}${model.patchPath ?? ''}`).not.toMatch(/\\|:\/\//)
      expect(model.isLatestVersion).toBe(true)
      expect(model.fqn[0]).toBe(model.packageName)
      expect(model.currentRows === undefined).toBe(model.resourceType !== 'snapshot')
    }
    const streamed = await readManifest(path, { log, streamAboveBytes: 0 })
    expect(streamed).toEqual(manifest)
  })

  test('no two are read as the same', async () => {
    const all = await Promise.all(
      samples('manifest.').map((name) => readManifest(join(samplesDir, name), { log })),
    )
    expect(new Set(all.map(({ generatedAt }) => generatedAt)).size).toBe(all.length)
  })
})

test("the example project's manifest", async () => {
  const manifest = await readManifest(join(exampleArtifacts, 'manifest.json'), { log })
  const contacts = manifest.models.get('model.backhaul_example.hubspot_contacts')
  expect(contacts).toMatchObject({
    name: 'hubspot_contacts',
    resourceType: 'model',
    materialized: 'table',
    patchPath: 'models/marts/_marts.yml',
    primaryKey: ['customer_id'],
  })
  expect(contacts?.meta).toHaveProperty('hubspot')
  expect(contacts?.meta).toHaveProperty('hubspot_defaults')
  expect(manifest.exposures).toMatchObject([
    { name: 'hubspot_deals', dependsOn: ['model.backhaul_example.hubspot_deals'] },
  ])
})

test('groups with their owners', async () => {
  const group = (owner: object) => ({ name: 'crm', package_name: 'shop', owner })
  const ownerOf = async (owner: object) => {
    const { groups } = await read({}, { groups: { 'group.shop.crm': group(owner) } })
    return groups[0]
  }
  const who = { name: 'CRM', email: 'crm@shop.example' }
  expect(await ownerOf(who)).toEqual({ name: 'crm', packageName: 'shop', owner: who })
  // dbt lets a list stand there, too.
  const several = { name: null, email: ['crm@shop.example', 'bi@shop.example'] }
  expect((await ownerOf(several))?.owner).toEqual({ email: 'crm@shop.example' })
  expect((await read({})).groups).toEqual([])
})

describe('a node', () => {
  const node = {
    resource_type: 'model',
    name: 'people',
    package_name: 'shop',
    fqn: ['shop', 'people'],
    schema: 'main',
    relation_name: '"db"."main"."people"',
    original_file_path: 'models\\people.sql',
    patch_path: 'shop://models/people.yml',
    config: { materialized: 'table' },
  }
  const model = async (over: object) => {
    const { models } = await read({ 'model.shop.people': { ...node, ...over } })
    return models.get('model.shop.people')
  }

  test('may have null and missing keys alike', async () => {
    const nulls = {
      version: null,
      latest_version: null,
      columns: null,
      tags: null,
      primary_key: null,
    }
    expect(await model(nulls)).toEqual(await model({}))
    expect(await model({})).toMatchObject({
      columns: [],
      tags: [],
      primaryKey: [],
      isLatestVersion: true,
    })
  })

  test('says its group and access, on the node or in its config', async () => {
    const said = { group: 'crm', access: 'private' }
    expect(await model(said)).toMatchObject(said)
    expect(await model({ config: { materialized: 'table', ...said } })).toMatchObject(said)
    expect(await model({ group: null })).not.toHaveProperty('group')
  })

  test('has paths with forward slashes and without the package', async () => {
    expect(await model({ patch_path: 'models\\marts\\_m.yml' })).toMatchObject({
      originalFilePath: 'models/people.sql',
      patchPath: 'models/marts/_m.yml',
    })
  })

  test('lays config.meta over meta, on columns too', async () => {
    const meta = { a: 1, b: 1 }
    const config = { materialized: 'table', meta: { b: 2 } }
    const columns = { id: { name: 'id', meta, config: { meta: { b: 3 } } } }
    expect(await model({ meta, config, columns })).toMatchObject({
      meta: { a: 1, b: 2 },
      columns: [{ name: 'id', meta: { a: 1, b: 3 } }],
    })
  })

  test('names places where a sync is not read', async () => {
    const config = { materialized: 'table', hubspot: {} }
    expect(await model({ config })).toMatchObject({ misplaced: ['config.hubspot'] })
  })

  test('has no relation when it is ephemeral', async () => {
    const ephemeral = await model({ relation_name: null, config: { materialized: 'ephemeral' } })
    expect(ephemeral).not.toHaveProperty('relationName')
    expect(ephemeral?.materialized).toBe('ephemeral')
  })

  test.each([
    [{ version: 2, latest_version: 2 }, '2', true],
    [{ version: 1, latest_version: '2' }, '1', false],
    [{ version: '2', latest_version: 2 }, '2', true],
    [{ version: 'beta', is_latest_version: false }, 'beta', false],
    [{ version: 1, is_latest_version: true }, '1', true],
  ])('knows its version: %j', async (over, version, isLatestVersion) => {
    expect(await model(over)).toMatchObject({ version, isLatestVersion })
  })

  test.each([
    [{}, { validToColumn: 'dbt_valid_to' }],
    [
      { dbt_valid_to_current: "to_date('9999-12-31')" },
      { validToColumn: 'dbt_valid_to', validToCurrent: "to_date('9999-12-31')" },
    ],
    [
      { snapshot_meta_column_names: { dbt_valid_to: 'until' }, hard_deletes: 'new_record' },
      { validToColumn: 'until', deletedColumn: 'dbt_is_deleted' },
    ],
  ])('of a snapshot says which rows are current: %j', async (config, currentRows) => {
    expect(await model({ resource_type: 'snapshot', config })).toMatchObject({ currentRows })
  })
})

test('the order of the sections does not matter, nor a byte order mark', async () => {
  const nodes = { 'seed.shop.codes': { resource_type: 'seed', name: 'codes' } }
  const last = file(`\u{feff}${JSON.stringify({ nodes, macros: {}, metadata })}`)
  expect((await readManifest(last, { log })).models.size).toBe(1)
})

test('an unknown version is read with a warning', async () => {
  const warnings: string[] = []
  const future = {
    ...metadata,
    dbt_schema_version: 'https://schemas.getdbt.com/dbt/manifest/v31.json',
  }
  const path = file({ metadata: future, nodes: {} })
  await readManifest(path, { log: { ...log, warn: (message) => warnings.push(message) } })
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain('v31')
})

test('disabled nodes are remembered', async () => {
  const disabled = { 'model.shop.old': [{ name: 'old', config: { meta: { hubspot: {} } } }] }
  expect((await read({}, { disabled })).disabled).toEqual([
    { uniqueId: 'model.shop.old', name: 'old', hasSync: true },
  ])
})

describe('what is no manifest gives one problem that says what to do', () => {
  test.each([
    ['a missing file', join(folder, 'nowhere.json'), /no dbt manifest here\n.*dbt parse/],
    ['a folder', folder, /cannot be read \(EISDIR\)/],
    ['the partial parse cache', join(folder, 'partial_parse.msgpack'), /partial parse cache/],
    [
      'run results',
      {
        metadata: { dbt_schema_version: 'https://schemas.getdbt.com/dbt/run-results/v6.json' },
        results: [],
      },
      /run-results file/,
    ],
    [
      'a catalog',
      {
        metadata: { dbt_schema_version: 'https://schemas.getdbt.com/dbt/catalog/v1.json' },
        nodes: {},
      },
      /catalog file/,
    ],
    ['another JSON file', { name: 'x', version: 1 }, /no dbt manifest/],
    ['a JSON list', [], /no dbt manifest/],
    [
      'a too old manifest',
      {
        metadata: {
          dbt_schema_version: 'https://schemas.getdbt.com/dbt/manifest/v7.json',
          dbt_version: '1.3.0',
        },
        nodes: {},
      },
      /dbt 1\.3\.0; dbt 1\.5 is the oldest/,
    ],
    [
      'a truncated file',
      '{"metadata": {"dbt_version": "1.12.0"}, "nodes": {"model.a',
      /damaged or was not written to its end.*\n.*dbt parse/,
    ],
    ['an empty file', '', /damaged or was not written/],
    ['a YAML file', 'models: []', /damaged or was not written/],
  ])('%s', async (_, content, message) => {
    const isPath = typeof content === 'string' && content.startsWith(folder)
    expect(await problemOf(isPath ? content : file(content))).toMatch(message)
  })

  test('a truncated file that is streamed', async () => {
    const path = file('{"metadata": {"dbt_version": "1.12.0"}, "nodes": {"model.a": {"resour')
    const reading = readManifest(path, { log, streamAboveBytes: 0, retryAfterMs: 1 })
    await expect(reading).rejects.toThrow(/damaged or was not written to its end/)
  })
})

test('a file that is being written is read again', async () => {
  const path = file('{"metadata": {')
  const reading = readManifest(path, { log, retryAfterMs: 200 })
  setTimeout(() => writeFileSync(path, JSON.stringify({ metadata, nodes: {} })), 20)
  expect((await reading).dbtVersion).toBe('1.12.0')
})
