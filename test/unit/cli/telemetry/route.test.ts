import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { objectOf, routeOf } from '../../../../src/cli/telemetry/route.ts'
import { statementFacts } from '../../../../src/cli/telemetry/statement.ts'

test.each([
  ['/crm/v3/objects/contacts/batch/upsert', '/crm/v3/objects/{}/batch/upsert', 'contacts'],
  ['/crm/v3/objects/2-123456/search', '/crm/v3/objects/{}/search', '2-123456'],
  ['/crm/v3/lists/88/memberships/add', '/crm/v3/lists/{}/memberships/add', undefined],
  [
    '/crm/v3/lists/object-type-id/0-1/name/Ada%20L',
    '/crm/v3/lists/object-type-id/{}/name/{}',
    undefined,
  ],
  ['/oauth/v1/access-tokens/secret-token', '/oauth/v1/access-tokens/{}', undefined],
  [
    '/crm/v4/associations/deals/contacts/batch/create',
    '/crm/v4/associations/{}/{}/batch/create',
    undefined,
  ],
  ['/somewhere/ada@shop.example', '/{}/{}', undefined],
])('%s is one of few', (path, route, object) => {
  expect([routeOf(path), objectOf(path)]).toEqual([route, object])
})

test('every address of the client keeps its words', () => {
  const folder = 'src/destination/hubspot/endpoints'
  const text = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n')
  const paths = [...text.matchAll(/[`'](\/[a-z-]+\/v\d[^`'?]*)[`'?]/g)].map(([, path = '']) => path)
  expect(paths.length).toBeGreaterThan(8)
  for (const path of paths) {
    const plain = path.replaceAll(/\$\{[^}]*\}/g, '4711')
    expect(routeOf(plain)).toBe(plain.replaceAll('4711', '{}'))
  }
})

test.each([
  ['select count(*) from "b"."state__contacts" as s', 'SELECT', 'state__contacts'],
  ['insert into `p`.`d`.`runs` (a) values (?)', 'INSERT', 'runs'],
  ['  -- about\nwith x as (select 1) select * from x', 'WITH', undefined],
  ['merge into DB.BACKHAUL.STATE__DEALS as t', 'MERGE', 'state__deals'],
  ["select * from shop.people where email = 'ada@runs.example'", 'SELECT', undefined],
  ['', 'STATEMENT', undefined],
])('of %j the verb and a table of ours are told', (text, operation, table) => {
  expect(statementFacts(text)).toEqual({ operation, ...(table === undefined ? {} : { table }) })
})
