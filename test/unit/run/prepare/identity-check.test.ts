import { expect, test } from 'vitest'
import { sayFor } from '../../../../src/cli/render/shell-word.ts'
import type { Identity } from '../../../../src/record/identity.ts'
import { checkIdentity } from '../../../../src/run/prepare/identity-check.ts'
import type { ObjectSchema, Sync } from '../../../../src/types.ts'

const origin = { file: 'models/people.yml' }

const sync: Sync = {
  name: 'people',
  type: 'object',
  model: {
    uniqueId: 'model.shop.people',
    name: 'people',
    resourceType: 'model',
    packageName: 'shop',
    fqn: ['shop', 'people'],
    tags: [],
    materialized: 'table',
    schema: 'marts',
    originalFilePath: 'models/people.sql',
    primaryKey: [],
    meta: {},
    columns: [],
    dependsOn: [],
    isLatestVersion: true,
  },
  object: 'contacts',
  mode: 'upsert',
  primaryKey: ['code'],
  isKeyInferred: false,
  match: { property: 'lastname', column: 'last_name' },
  mappings: [],
  associations: [],
  onDelete: 'nothing',
  deletesAdopted: false,
  guards: {},
  maxAttempts: 3,
  maxRejected: 0,
  enabled: true,
  origin,
  keyOrigins: { primary_key: origin, match: origin, object: origin, where: origin },
}

const say = sayFor({ targetName: 'prod', defaultTargetName: 'dev' })

const schema: ObjectSchema = {
  name: 'contacts',
  objectTypeId: '0-1',
  properties: new Map(),
  requiredProperties: [],
}

const facts = {
  schema,
  account: { portalId: '1', accountType: 'STANDARD' },
  say,
  definedNames: new Set<string>(),
}

test('all syncs that may have had another name are named at once', () => {
  const others = ['old', 'older'].map((syncName) => ({ ...pinned, syncName, primaryKey: ['code'] }))
  expect(checkIdentity({ ...facts, sync, pinned: others })).toMatchObject({
    kind: 'refused',
    problem: {
      message: expect.stringContaining('and old and older, which sent'),
      hint: expect.stringContaining('backhaul clean --target prod --sync old --sync older'),
    },
  })
})

test('a new list of another model is no list that was renamed', () => {
  const list: NonNullable<Sync['list']> = {
    target: { kind: 'name', name: 'New' },
    about: { kind: 'email', column: 'email' },
    aboutKey: 'contact',
    adopts: false,
    isExact: false,
    origins: { list: origin, about: origin },
  }
  const { match: _, ...rest } = sync
  const ofList = { ...rest, type: 'list' as const, mode: 'mirror' as const, list }
  const old: Identity = {
    ...pinned,
    syncName: 'old',
    syncType: 'list',
    primaryKey: ['code'],
    matchProperty: null,
    listId: '7',
  }
  expect(checkIdentity({ ...facts, sync: ofList, pinned: [old] })).toMatchObject({
    kind: 'refused',
  })
  const elsewhere = { ...old, modelId: 'model.shop.others' }
  expect(checkIdentity({ ...facts, sync: ofList, pinned: [elsewhere] })).toEqual({ kind: 'first' })
})

const pinned: Identity = {
  syncName: 'people',
  portalId: '1',
  objectType: '0-1',
  primaryKey: ['id'],
  matchProperty: 'lastname',
  modelId: 'model.shop.people',
  firstRunId: 'run-1',
}

const check = (one: Sync) =>
  checkIdentity({
    sync: one,
    schema,
    account: { portalId: '1', accountType: 'STANDARD' },
    say,
    pinned: [pinned],
    definedNames: new Set(['people']),
    isRekeying: true,
  })

test('another primary key is taken when it is meant, but not where HubSpot holds the old one', () => {
  expect(check(sync)).toEqual({ kind: 'rekeyed' })
  expect(check({ ...sync, trackingProperty: 'row_key' })).toMatchObject({
    kind: 'refused',
    problem: {
      key: 'primary_key',
      message: expect.stringContaining('the old keys in row_key'),
      hint: expect.stringContaining('primary_key: [id]'),
    },
  })
  expect(check({ ...sync, primaryKey: ['id'], trackingProperty: 'row_key' })).toEqual({
    kind: 'same',
  })
})

test('another match property is taken when it is meant, and alone', () => {
  const facts = {
    schema,
    account: { portalId: '1', accountType: 'STANDARD' },
    say,
    pinned: [pinned],
    definedNames: new Set(['people']),
  }
  const matched: Sync = { ...sync, primaryKey: ['id'], match: { property: 'ext', column: 'ext' } }
  expect(checkIdentity({ ...facts, sync: matched })).toMatchObject({
    kind: 'refused',
    problem: { key: 'match', hint: expect.stringContaining('--rematch') },
  })
  const isRematching = true
  expect(checkIdentity({ ...facts, sync: matched, isRematching })).toEqual({ kind: 'rematched' })
  expect(
    checkIdentity({ ...facts, sync: { ...sync, primaryKey: ['id'] }, isRematching }),
    'nothing to say',
  ).toEqual({ kind: 'same' })
  const both = { ...matched, primaryKey: sync.primaryKey }
  expect(checkIdentity({ ...facts, sync: both, isRematching, isRekeying: true })).toMatchObject({
    kind: 'refused',
    problem: { message: expect.stringContaining('one thing') },
  })
  const renamed = { ...matched, name: 'persons', previousName: 'people' }
  const definedNames = new Set(['persons'])
  expect(checkIdentity({ ...facts, definedNames, sync: renamed, isRematching })).toMatchObject({
    kind: 'refused',
    problem: { message: expect.stringContaining('was renamed and matches by another property') },
  })
})

test('a state is not taken from a sync that is still defined', () => {
  const facts = {
    schema,
    account: { portalId: '1', accountType: 'STANDARD' },
    say,
    pinned: [pinned],
    sync: { ...sync, primaryKey: ['id'], name: 'persons', previousName: 'people' },
  }
  expect(checkIdentity({ ...facts, definedNames: new Set(['persons']) })).toEqual({
    kind: 'renamed',
    from: 'people',
  })
  expect(checkIdentity({ ...facts, definedNames: new Set(['persons', 'people']) })).toMatchObject({
    kind: 'refused',
    problem: { key: 'previous_name', message: expect.stringContaining('still defined') },
  })
})
