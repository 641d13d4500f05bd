import { expect, test } from 'vitest'
import { modelQuestion } from '../../../../src/cli/init/find-models.ts'
import type { Manifest, Model, Sync } from '../../../../src/types.ts'

const model = (name: string, meta: object = {}) =>
  ({
    uniqueId: `model.shop.${name}`,
    name,
    packageName: 'shop',
    isLatestVersion: true,
    relationName: `"shop"."main"."${name}"`,
    dependsOn: [],
    originalFilePath: `models/${name}.sql`,
    meta,
  }) as unknown as Model

test('models are marked whose sync stands on them, or on an exposure', () => {
  const models = [model('deals'), model('people', { hubspot: {} }), model('plain')]
  const manifest = {
    projectName: 'shop',
    models: new Map(models.map((one) => [one.uniqueId, one])),
  } as unknown as Manifest
  const exposed = { model: models[0], exposure: 'exposure.shop.crm_deals' } as Sync
  let shown = ''
  modelQuestion({ manifest, all: [exposed] }, undefined, {
    stderr: (text) => {
      shown += text
    },
  })
  const lines = shown.trimEnd().split('\n')
  expect(lines.find((line) => line.includes('deals'))).toMatch(
    / \(has a sync, on exposure crm_deals\)$/,
  )
  expect(lines.find((line) => line.includes('people'))).toMatch(/ \(has a sync\)$/)
  expect(lines.find((line) => line.includes('plain'))).toMatch(/models\/plain\.sql$/)
})
