import { expect, test } from 'vitest'
import type { Problem } from '../../src/errors.ts'
import { messageOf } from '../support/cli-message.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, people, smallShop } from '../support/small-shop.ts'

/** What is wrong with one sync, as its author meets it: what, where, and what to do. */

async function messageFor(keys: Readonly<Record<string, unknown>>, args = ['run']) {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox, syncs: [contacts(keys)] })
  const result = await project.run(args)
  expect(sandbox.writeCalls()).toBe(0)
  const { exitCode, stdout, stderr } = result
  return messageOf({ exitCode, stderr: stdout + stderr }, project)
}

test('a misspelt key', async () => {
  expect(await messageFor({ max_rejectd: 3 })).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    1 of 1 ERROR sync contacts ..................................................... [ERROR in <time>]
    Error: models/schema.yml:14:11: sync contacts, max_rejectd: unknown key
        Did you mean \`max_rejected\`?
    Completed with 1 sync that failed
    Done. OK=0 PARTIAL=0 ERROR=1 GUARDED=0 HELD=0 TOTAL=1"
  `)
})

test('a column that the model does not have', async () => {
  expect(await messageFor({ properties: { firstname: 'frist_name' } })).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
    1 of 1 ERROR sync contacts → contacts .......................................... [ERROR in <time>]
    Error: models/schema.yml:13:13: sync contacts, properties.firstname: The model has no column frist_name
        Did you mean \`first_name\`?
    Completed with 1 sync that failed
    Done. OK=0 PARTIAL=0 ERROR=1 GUARDED=0 HELD=0 TOTAL=1"
  `)
})

test('a property that HubSpot does not have, almost', async () => {
  expect(await messageFor({ properties: { firstnam: 'first_name' } })).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
    1 of 1 ERROR sync contacts → contacts .......................................... [ERROR in <time>]
    Error: models/schema.yml:13:13: sync contacts, properties.firstnam: HubSpot has no contacts property firstnam
        Did you mean \`firstname\`?
    Completed with 1 sync that failed
    Done. OK=0 PARTIAL=0 ERROR=1 GUARDED=0 HELD=0 TOTAL=1"
  `)
})

test('a property that HubSpot does not have at all', async () => {
  expect(await messageFor({ properties: { shoe_size: 'first_name' } })).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
    1 of 1 ERROR sync contacts → contacts .......................................... [ERROR in <time>]
    Error: models/schema.yml:13:13: sync contacts, properties.shoe_size: HubSpot has no contacts property shoe_size
        Say \`create_missing: true\` in the mapping, run \`backhaul properties create\`, or create it in HubSpot: POST /crm/v3/properties/contacts {"name": "shoe_size", "label": "shoe_size", "type": "string", "fieldType": "text", "groupName": "contactinformation"}
    Completed with 1 sync that failed
    Done. OK=0 PARTIAL=0 ERROR=1 GUARDED=0 HELD=0 TOTAL=1"
  `)
})

test('the definition of a missing property fits its column and makes the sync run', async () => {
  const sandbox = await strictSandbox()
  const columns =
    "id, email, 1.5 as score, true as paid, date '2026-01-01' as born, current_timestamp as seen, 1767225600000 as due"
  const project = await smallShop({
    sandbox,
    tables: [
      `create table people as select ${columns} from (values (1, 'a@shop.example')) as t (id, email)`,
    ],
    syncs: [
      contacts({
        match: { shop_key: 'id' },
        properties: {
          x_score: 'score',
          x_paid: 'paid',
          x_born: 'born',
          x_seen: 'seen',
          x_due: { column: 'due', as: 'epoch_ms' },
          x_note: { column: 'score', as: 'text' },
        },
      }),
    ],
  })
  const { stderr } = await project.run(['run'])
  const definitions = stderr
    .split('\n')
    .flatMap((line) => / POST (\S+) (.*)/.exec(line)?.slice(1) ?? [])
  expect(definitions.filter((text) => text.startsWith('{'))).toEqual(
    [
      ['shop_key', 'number', 'number', ', "hasUniqueValue": true'],
      ['x_born', 'date', 'date', ''],
      ['x_due', 'datetime', 'date', ''],
      ['x_note', 'string', 'text', ''],
      [
        'x_paid',
        'bool',
        'booleancheckbox',
        ', "options": [{"label": "Yes", "value": "true", "hidden": false, "displayOrder": 0}, {"label": "No", "value": "false", "hidden": false, "displayOrder": 1}]',
      ],
      ['x_score', 'number', 'number', ''],
      ['x_seen', 'datetime', 'date', ''],
    ].map(
      ([name, type, field, more]) =>
        `{"name": "${name}", "label": "${name}", "type": "${type}", "fieldType": "${field}", "groupName": "contactinformation"${more}}`,
    ),
  )
  for (let at = 0; at < definitions.length; at += 2) {
    const response = await fetch(`${sandbox.url}${definitions[at]}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' },
      body: definitions[at + 1] ?? '',
    })
    expect(response.status, await response.text()).toBe(201)
  }
  const again = await project.run(['run'])
  expect(again.exitCode, again.stderr).toBe(0)
})

test('a match property or column that does not exist is told once, where it is written', async () => {
  const lines = async (keys: Readonly<Record<string, unknown>>) =>
    (await messageFor(keys)).split('\n').filter((line) => line.startsWith('Error: '))
  expect(await lines({ match: { shop_number: 'email' } })).toEqual([
    'Error: models/schema.yml:11:13: sync contacts, match: HubSpot has no contacts property shop_number',
  ])
  expect(await lines({ match: { email: 'mail' } })).toEqual([
    'Error: models/schema.yml:11:13: sync contacts, match: The model has no column mail',
  ])
  expect(await lines({ primary_key: 'customer_id' })).toEqual([
    'Error: models/schema.yml:9:11: sync contacts, primary_key: The model has no column customer_id',
  ])
  expect(await lines({ where: 'is_tset = false' })).toHaveLength(1)
})

test('a cast by half its name', async () => {
  expect(
    await messageFor({ properties: { firstname: { column: 'first_name', as: 'bool' } } }),
  ).toContain('Did you mean `boolean`?')
})

test('keys of another type of sync, and what this one lacks', async () => {
  const message = await messageFor({ type: 'list', list: 'Buyers', members: ['x'] })
  for (const told of [
    'members: unknown key',
    'match: unknown key',
    'properties: unknown key',
    'contact: is required: it says which record a row is',
  ])
    expect(message).toContain(`sync contacts, ${told}`)
})

test('a label instead of an internal name', async () => {
  expect(await messageFor({ properties: { 'First Name': 'first_name' } })).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
    1 of 1 ERROR sync contacts → contacts .......................................... [ERROR in <time>]
    Error: models/schema.yml:13:13: sync contacts, properties.First Name: First Name is the label of a contacts property; its internal name is firstname
        Write firstname.
    Completed with 1 sync that failed
    Done. OK=0 PARTIAL=0 ERROR=1 GUARDED=0 HELD=0 TOTAL=1"
  `)
})

test('a read-only property', async () => {
  expect(await messageFor({ properties: { createdate: 'first_name' } })).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
    1 of 1 ERROR sync contacts → contacts .......................................... [ERROR in <time>]
    Error: models/schema.yml:13:13: sync contacts, properties.createdate: contacts property createdate is read-only in HubSpot
        Remove this line from the mapping.
    Completed with 1 sync that failed
    Done. OK=0 PARTIAL=0 ERROR=1 GUARDED=0 HELD=0 TOTAL=1"
  `)
})

test('an object that HubSpot does not have', async () => {
  expect(await messageFor({ object: 'contcts' })).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
    1 of 1 ERROR sync contacts → contcts ........................................... [ERROR in <time>]
    Error: models/schema.yml:8:11: sync contacts, object: HubSpot has no object type contcts that this token may see
        Did you mean contacts? Use a plural name (contacts, companies, deals), an object type id, or a custom object's name; this account has no custom objects.
    Completed with 1 sync that failed
    Done. OK=0 PARTIAL=0 ERROR=1 GUARDED=0 HELD=0 TOTAL=1"
  `)
})

test('an object that HubSpot does not have, in several syncs', async () => {
  const sandbox = await strictSandbox()
  const hubspot = ['one', 'two'].map(
    (name) => contacts({ sync: name, object: 'contcts', shared: true }).hubspot,
  )
  const project = await smallShop({ sandbox, syncs: [{ ...contacts(), hubspot }] })
  const { exitCode, stdout } = await project.run(['validate', '--output', 'json'])
  expect(exitCode).toBe(1)
  const { problems } = JSON.parse(stdout)
  expect(problems.map(({ sync, key }: Problem) => [sync, key])).toEqual([
    ['one', 'object'],
    ['two', 'object'],
  ])
})

test('a match property that records cannot be searched by', async () => {
  expect(await messageFor({ match: { closedate: 'email' } })).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
    1 of 1 ERROR sync contacts → contacts .......................................... [ERROR in <time>]
    Error: models/schema.yml:10:11: sync contacts, match: HubSpot does not treat contacts property closedate as unique, and records cannot be searched by a property of type date
        Unique properties of contacts: email.
    Completed with 1 sync that failed
    Done. OK=0 PARTIAL=0 ERROR=1 GUARDED=0 HELD=0 TOTAL=1"
  `)
})

test('a match property that is not unique is warned about', async () => {
  expect(
    await messageFor({ match: { lastname: 'first_name' } }, ['validate']),
  ).toMatchInlineSnapshot(`
    "exit 0
    Warning: models/schema.yml:10:11: sync contacts, match: HubSpot does not treat contacts property lastname as unique: records are found by search, 5 searches a second, and a row that finds several is rejected
        Unique properties of contacts: email. With \`tracking_property\`, too, a record whose answer was lost is never made twice.
    1 sync valid"
  `)
})

test('a tracking property that does not exist, and one that cannot hold the row id', async () => {
  const keys = { mode: 'insert', match: undefined }
  expect(await messageFor({ ...keys, tracking_property: 'row_key' })).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
    1 of 1 ERROR sync contacts → contacts .......................................... [ERROR in <time>]
    Error: models/schema.yml:13:11: sync contacts, tracking_property: HubSpot has no contacts property row_key
        Run \`backhaul properties create\`, or create it in HubSpot: POST /crm/v3/properties/contacts {"name": "row_key", "label": "row_key", "type": "string", "fieldType": "text", "groupName": "contactinformation", "hasUniqueValue": true}
    Completed with 1 sync that failed
    Done. OK=0 PARTIAL=0 ERROR=1 GUARDED=0 HELD=0 TOTAL=1"
  `)
  expect(await messageFor({ ...keys, tracking_property: 'lastname' })).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
    1 of 1 ERROR sync contacts → contacts .......................................... [ERROR in <time>]
    Error: models/schema.yml:13:11: sync contacts, tracking_property: contacts property lastname has no unique values, so it cannot hold the row's id
        Only a text property that is made with unique values can, such as contacts_row_id. Run \`backhaul properties create\`, or create it in HubSpot: POST /crm/v3/properties/contacts {"name": "contacts_row_id", "label": "contacts_row_id", "type": "string", "fieldType": "text", "groupName": "contactinformation", "hasUniqueValue": true}
    Completed with 1 sync that failed
    Done. OK=0 PARTIAL=0 ERROR=1 GUARDED=0 HELD=0 TOTAL=1"
  `)
})

test('standard objects in other spellings are told by their names', async () => {
  expect(await messageFor({ object: 'Contact' })).toContain('Did you mean contacts?')
  expect(await messageFor({ object: 'Line items' })).toContain('Did you mean line_items?')
  expect(await messageFor({ object: '0-9999' })).toContain('HubSpot has no object type 0-9999')
})

test('a primary key that is no column', async () => {
  expect(await messageFor({ primary_key: 'customer_id' })).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
    1 of 1 ERROR sync contacts → contacts .......................................... [ERROR in <time>]
    Error: models/schema.yml:9:11: sync contacts, primary_key: The model has no column customer_id
        Known are: id, email, first_name.
    Completed with 1 sync that failed
    Done. OK=0 PARTIAL=0 ERROR=1 GUARDED=0 HELD=0 TOTAL=1"
  `)
})

test('several mistakes at once', async () => {
  const properties = { firstnam: 'first_name', lastname: 'last_name', createdate: 'email' }
  expect(await messageFor({ properties }, ['validate'])).toMatchInlineSnapshot(`
    "exit 1
    models/schema.yml:15:13: sync contacts, properties.createdate: contacts property createdate is read-only in HubSpot
        Remove this line from the mapping.
    models/schema.yml:13:13: sync contacts, properties.firstnam: HubSpot has no contacts property firstnam
        Did you mean \`firstname\`?
    models/schema.yml:14:13: sync contacts, properties.lastname: The model has no column last_name
        Did you mean \`first_name\`?
    Error: 3 problems in 1 sync"
  `)
})

test('a where: that ends in a comment is as good as any', async () => {
  const sandbox = await strictSandbox()
  const where = "first_name <> 'Ada' -- she unsubscribed"
  const project = await smallShop({ sandbox, syncs: [contacts({ where })] })
  expect((await project.run(['run'])).exitCode).toBe(0)
  expect(sandbox.writeCalls()).toBe(1)
  expect((await project.state('contacts')).map((row) => row['row_id'])).toEqual(['2'])
})

test('a where: that is no SQL', async () => {
  expect(await messageFor({ where: 'is_tset = false' }, ['plan'])).toMatchInlineSnapshot(`
    "exit 1
    Error: models/schema.yml:14:11: sync contacts, where: the warehouse does not understand \`is_tset = false\`: Binder Error: Referenced column "is_tset" not found in FROM clause!
        Write a condition over the columns of the model, as after \`where\` in SQL."
  `)
})

test('a model that was not built', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox, tables: [] })
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
    1 of 1 ERROR sync contacts → contacts .......................................... [ERROR in <time>]
    Error: models/schema.yml:6:9: sync contacts: "shop"."main"."people" does not exist in the warehouse
        Build it first: dbt build --select people
    Completed with 1 sync that failed
    Done. OK=0 PARTIAL=0 ERROR=1 GUARDED=0 HELD=0 TOTAL=1"
  `)
})

test('a sync that was renamed', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  expect((await project.run(['run'])).exitCode).toBe(0)
  project.setSyncs([contacts({ sync: 'people' })])
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
    1 of 1 ERROR sync people → contacts ............................................ [ERROR in <time>]
    Error: models/schema.yml:6:9: sync people: has no state yet, and contacts, which sent to the same contacts by the same key, is gone from the project. Was it renamed?
        If it was renamed, add \`previous_name: contacts\` to the sync and nothing is sent again. If it is another sync, forget the old one first: backhaul clean --sync contacts
    Completed with 1 sync that failed
    Done. OK=0 PARTIAL=0 ERROR=1 GUARDED=0 HELD=0 TOTAL=1"
  `)
})

test('a model that became empty', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  expect((await project.run(['run'])).exitCode).toBe(0)
  await project.sql('delete from people')
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
    1 of 1 GUARDED sync contacts → contacts ........................................ [GUARDED in <time>]
      empty_model: the model is empty, the state knows 2 rows
        Nothing was written. If this is right, once: backhaul run --select contacts --force-guard empty_model
    Completed with 1 guarded sync
    Done. OK=0 PARTIAL=0 ERROR=0 GUARDED=1 HELD=0 TOTAL=1"
  `)
})

test('a model that is empty at the first run sends nothing', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox, tables: [`${people('Ada')} limit 0`] })
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 0
    Running with backhaul=<version>
    Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
    1 of 1 START sync contacts ..................................................... [RUN: no rows, 0 write calls]
    1 of 1 OK sync contacts → contacts ............................................. [nothing to send in <time>]
    Completed successfully
    Done. OK=1 PARTIAL=0 ERROR=0 GUARDED=0 HELD=0 TOTAL=1"
  `)
})

test('rows that are rejected', async () => {
  const sandbox = await strictSandbox()
  const tables = [
    people('Ada', 'Grace', 'Alan'),
    "update people set email = 'no address' where id = 2",
  ]
  const project = await smallShop({
    sandbox,
    tables: [...tables, 'update people set id = null where id = 3'],
  })
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
    1 of 1 START sync contacts ..................................................... [RUN: 2 create or update, 1 rejected, 1 write call]
    1 of 1 PARTIAL sync contacts → contacts ........................................ [1 created, 2 rejected, 1 write call in <time>]
    2 rejected rows of sync contacts:
      ! 1 row: the primary key is NULL or empty
        Filter these rows out in the model, or choose another primary_key.
      ! 1 row: refused by HubSpot
        property email, e.g. row 2: Correct the value in the model: HubSpot's message says what is wrong with it.
        See it: backhaul show contacts 2
        All of them: select row_id, error_category, error_message from "shop_backhaul"."main_backhaul"."changes" where run_id = '<id>' and outcome = 'rejected' order by row_id
    Completed with 1 partial sync, 2 rejected rows
    Done. OK=0 PARTIAL=1 ERROR=0 GUARDED=0 HELD=0 TOTAL=1"
  `)
})
