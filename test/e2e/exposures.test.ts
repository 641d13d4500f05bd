import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { messageOf } from '../support/cli-message.ts'
import { contacts, smallShop, writeTo } from '../support/small-shop.ts'

const file = 'models/backhaul_exposures.yml'

/** A project whose manifest and files are there, and nothing else: no profile, no token, no table. */
async function bareShop(settings: Readonly<Record<string, unknown>> = {}) {
  const syncs = [
    contacts(),
    contacts({ sync: 'leads', object: 'leads', match: { ref: 'id' }, enabled: false }),
  ]
  const project = await smallShop({
    tables: [],
    results: false,
    settings,
    syncs: [{ model: 'people', hubspot: syncs.map(({ hubspot }) => hubspot) }],
  })
  writeTo(project, 'profiles.yml', '{}')
  const content = () => readFileSync(join(project.dir, file), 'utf8')
  const namesIn = () => [...content().matchAll(/^ {2}- name: (.*)$/gm)].map(([, name]) => name)
  return { ...project, content, namesIn }
}

test('the file is written once, and checked', async () => {
  const project = await bareShop()
  const run = (...args: readonly string[]) => project.run(['exposures', ...args])
  const missing = await run('--check')
  expect(missing).toMatchObject({ exitCode: 1, stdout: `${file}\n+ hubspot_sync_contacts\n` })
  expect(existsSync(join(project.dir, file))).toBe(false)

  const written = await run('--default-owner', 'RevOps <revops@shop.example>', '--portal', '42')
  expect(written).toMatchObject({ exitCode: 0, stdout: `${file}\n+ hubspot_sync_contacts\n` })
  expect(messageOf(written, project)).toMatchInlineSnapshot(`
    "exit 0
    1 exposure in models/backhaul_exposures.yml; dbt reads the file at its next parse"
  `)
  expect(project.content()).toMatchInlineSnapshot(`
    "# Written by \`backhaul exposures --portal 42 --default-owner 'RevOps <revops@shop.example>'\`: change the syncs, then run it again.
    # If dbt stops because a model named here is gone: delete this file, run dbt parse, then write it again.
    version: 2

    exposures:
      - name: hubspot_sync_contacts
        label: HubSpot contacts
        type: application
        url: https://app.hubspot.com/contacts/42/objects/0-1/views/all/list
        description: |-
          Rows of \`people\` go to HubSpot as contacts, by the Backhaul sync \`contacts\`.

          - Mode: upsert (makes records and updates them)
          - Matched by: \`email\` (column \`email\`)
          - Properties: 2
        depends_on:
          - ref('people')
        owner:
          name: RevOps
          email: revops@shop.example
        config:
          tags:
            - hubspot
          meta:
            backhaul_sync: contacts
    "
  `)

  const same = await run(
    '--check',
    '--default-owner',
    'RevOps <revops@shop.example>',
    '--portal',
    '42',
  )
  expect(same).toMatchObject({ exitCode: 0, stdout: '' })
  const other = await run('--check')
  expect(other).toMatchObject({ exitCode: 1 })
  expect(other.stdout).toMatchInlineSnapshot(`
    "models/backhaul_exposures.yml
    ~ hubspot_sync_contacts
        - url: https://app.hubspot.com/contacts/42/objects/0-1/views/all/list
        - owner: { name: RevOps, email: revops@shop.example }
        + owner: { name: Not set }
    "
  `)
  expect(messageOf(other, project)).toMatchInlineSnapshot(`
    "exit 1
    Warning: Nobody is known to own contacts: say it in \`meta.owner\` of the model, in its dbt group, or with --default-owner
    Error: models/backhaul_exposures.yml is not what the syncs say: run backhaul exposures, and commit the file. It was written by: backhaul exposures --portal 42 --default-owner 'RevOps <revops@shop.example>'"
  `)
})

test('files of others are left alone unless --force is given', async () => {
  const project = await bareShop()
  const theirs = 'version: 2\nexposures: []\n'
  writeTo(project, file, theirs)
  for (const args of [[], ['--check']]) {
    const refused = await project.run(['exposures', ...args])
    expect(messageOf(refused, project)).toMatchInlineSnapshot(`
      "exit 1
      Error: models/backhaul_exposures.yml: was not written by \`backhaul exposures\`, and is left as it is
          Choose another file with --output-file, or write over this one with --force."
    `)
    expect(project.content()).toBe(theirs)
  }
  expect(await project.run(['exposures', '--force'])).toMatchObject({ exitCode: 0 })
  expect(project.namesIn()).toEqual(['hubspot_sync_contacts'])
  // It is ours by now.
  expect(await project.run(['exposures'])).toMatchObject({ exitCode: 0, stdout: '' })
})

test('the file is another where that is asked for, below a folder that dbt reads', async () => {
  const project = await bareShop()
  writeTo(project, 'dbt_project.yml', '{name: shop, profile: shop, model-paths: [marts, models]}')
  const run = (...args: readonly string[]) => project.run(['exposures', ...args])
  expect((await run()).stdout).toMatch(/^marts\/backhaul_exposures\.yml\n/)
  expect((await run('--output-file', 'models/crm/hubspot.yaml')).stdout).toMatch(
    /^models\/crm\/hubspot\.yaml\n/,
  )
  expect(readFileSync(join(project.dir, 'models/crm/hubspot.yaml'), 'utf8')).toMatch(
    /^# Written by `backhaul exposures --output-file 'models\/crm\/hubspot\.yaml'`:/,
  )
  for (const wrong of ['docs/x.yml', '../models/x.yml', '/tmp/x.yml', 'models', 'models/x.sql']) {
    const refused = await run('--output-file', wrong)
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain('dbt would not read it')
  }
  mkdirSync(join(project.dir, 'models/folder.yml'))
  expect((await run('--output-file', 'models/folder.yml')).stderr).toContain(
    'models/folder.yml: is a folder',
  )
  writeFileSync(join(project.dir, 'models/plain'), '')
  const unwritable = await run('--output-file', 'models/plain/x.yml')
  expect(unwritable).toMatchObject({ exitCode: 1 })
  expect(unwritable.stderr).toContain('models/plain/x.yml: cannot be written (')
})

test('what backhaul.yml says of targets is the same for all of them', async () => {
  const project = await bareShop({
    targets: { prod: { portal_id: 42, syncs: { leads: { enabled: true } } }, eu: {} },
  })
  await project.run(['exposures', '--target', 'dev'])
  expect(project.namesIn()).toEqual(['hubspot_sync_contacts', 'hubspot_sync_leads'])
  expect(project.content()).toContain('https://app.hubspot.com/contacts/42/objects/0-136/')
  const ofProd = await project.run(['exposures', '--check', '--target', 'prod'])
  expect(ofProd).toMatchObject({ exitCode: 0 })
})

test('two portals leave out the URLs, and say so', async () => {
  const project = await bareShop({ targets: { prod: { portal_id: 42 }, eu: { portal_id: 43 } } })
  const { stderr } = await project.run(['exposures'])
  expect(stderr).toContain('names the portals 42, 43: exposures have no URL')
  expect(project.content()).not.toContain('url:')
  await project.run(['exposures', '--portal', '43'])
  expect(project.content()).toContain('/contacts/43/objects/0-1/')
})

test.each([
  [['--portal', 'prod'], '--portal needs the id of an account, not prod'],
  [['--ui-domain', 'https://app.hubspot.com/'], '--ui-domain needs a host'],
  [['--default-owner', ' '], '--default-owner needs a name'],
])('%j is refused', async (args, message) => {
  const project = await bareShop()
  const refused = await project.run(['exposures', ...args])
  expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
  expect(refused.stderr).toContain(message)
})

test('a misspelt selection, or a sync that is not valid, changes nothing', async () => {
  const project = await bareShop()
  await project.run(['exposures'])
  const before = project.content()
  const none = await project.run(['exposures', '--select', 'contcats'])
  expect(none).toMatchObject({ exitCode: 1, stdout: '' })
  expect(none.stderr).toContain('No sync is selected')
  project.setSyncs([contacts({ matchh: 1 })])
  const invalid = await project.run(['exposures'])
  expect(invalid).toMatchObject({ exitCode: 1, stdout: '' })
  expect(invalid.stderr).toContain('unknown key')
  expect(project.content()).toBe(before)
})

test('without syncs there is no file; one that is there becomes empty', async () => {
  const project = await bareShop()
  project.setSyncs([{ model: 'people', hubspot: undefined }])
  const nothing = await project.run(['exposures'])
  expect(nothing).toMatchObject({ exitCode: 0, stdout: '' })
  expect(nothing.stderr).toContain('No model has a sync yet')
  expect(existsSync(join(project.dir, file))).toBe(false)
  project.setSyncs([contacts()])
  await project.run(['exposures'])
  project.setSyncs([{ model: 'people', hubspot: undefined }])
  expect((await project.run(['exposures'])).stdout).toBe(`${file}\n- hubspot_sync_contacts\n`)
  expect(project.content()).toMatch(/\nexposures: \[\]\n$/)
})
