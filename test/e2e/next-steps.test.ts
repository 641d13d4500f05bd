import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { atTestEnd } from '../support/at-test-end.ts'
import { messageOf } from '../support/cli-message.ts'
import type { TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, people, smallShop, useProfile, writeTo } from '../support/small-shop.ts'

describe('a token that HubSpot refuses', () => {
  test.each([
    ['the environment', '', { HUBSPOT_ACCESS_TOKEN: 'bad' }, 'HUBSPOT_ACCESS_TOKEN'],
    [
      'a variable of its own',
      `hubspot: {access_token: "{{ env_var('SHOP_TOKEN') }}"}`,
      { SHOP_TOKEN: 'bad' },
      'SHOP_TOKEN (`hubspot.access_token` in backhaul.yml)',
    ],
    [
      'a command of the target',
      'targets: {dev: {token_command: [echo, bad]}}',
      {},
      'what `targets.dev.token_command` in backhaul.yml prints',
    ],
    [
      'the file itself',
      'hubspot: {access_token: bad-and-literal}',
      {},
      '`hubspot.access_token` in backhaul.yml',
    ],
  ])('it is told that it comes from %s', async (_, settings, env, place) => {
    const project = await smallShop({ sandbox: await strictSandbox() })
    writeTo(project, 'backhaul.yml', settings)
    for (const command of ['run', 'plan']) {
      const { stderr, exitCode } = await project.run([command], env)
      expect(stderr).toContain(`Check that ${place} is complete, not expired and not revoked.`)
      expect(exitCode).toBe(1)
    }
  })

  test('one with characters that no token has', async () => {
    const project = await smallShop({ sandbox: await strictSandbox() })
    writeTo(project, 'backhaul.yml', `hubspot: {access_token: "{{ env_var('SHOP_TOKEN') }}"}`)
    const { stderr } = await project.run(['plan'], { SHOP_TOKEN: 'two words' })
    expect(stderr).toContain(
      'Check SHOP_TOKEN (`hubspot.access_token` in backhaul.yml): copy the token again',
    )
  })
})

test('a secret that is written into backhaul.yml is warned about, and not printed', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  const settings = `hubspot:\n  access_token: ${sandbox.token}\n`
  writeTo(project, 'backhaul.yml', settings)
  for (const command of ['plan', 'run', 'validate', 'debug']) {
    const { stderr, stdout } = await project.run([command], { HUBSPOT_ACCESS_TOKEN: '' })
    expect(stderr).toContain(
      'backhaul.yml:2:3: hubspot.access_token: holds the secret itself: whoever reads the file can use it',
    )
    expect(stderr.match(/holds the secret itself/g)).toHaveLength(1)
    expect(stderr).toContain(`write "{{ env_var('HUBSPOT_ACCESS_TOKEN') }}" here`)
    expect(stderr + stdout).not.toContain(sandbox.token)
  }
  // Nothing of HubSpot is asked here.
  expect((await project.run(['status'])).stderr).not.toContain('secret')
  writeTo(project, 'backhaul.yml', `hubspot: {access_token: "{{ env_var('MINE') }}"}`)
  expect((await project.run(['plan'], { MINE: sandbox.token })).stderr).not.toContain('secret')
})

test('that HubSpot ignores earlier lifecycle stages is told by each plan, and by the first run', async () => {
  const sandbox = await strictSandbox()
  const syncs = [contacts({ properties: { lifecyclestage: 'first_name' } })]
  const tables = [people('Ada', 'Grace'), "update people set first_name = 'lead'"]
  const project = await smallShop({ sandbox, syncs, tables })
  const told = async (command: string) => {
    const { stdout, stderr, exitCode } = await project.run([command])
    expect(exitCode, stderr).toBe(0)
    return `${stdout}${stderr}`.match(/HubSpot ignores a lifecyclestage that is/g)?.length ?? 0
  }
  const counts: number[] = []
  for (const command of ['plan', 'run', 'run', 'plan']) counts.push(await told(command))
  expect(counts).toEqual([1, 1, 0, 1])
})

test('a row that is unchanged, and one that is nowhere', async () => {
  const project = await smallShop({ sandbox: await strictSandbox() })
  await project.run(['run'])
  for (const command of ['plan', 'run']) {
    const { stdout, stderr, exitCode } = await project.run([command, '--row', '1'])
    expect(exitCode).toBe(0)
    expect(stdout + stderr).toContain('row 1: unchanged, sent 20')
    expect(stdout + stderr).toContain('1 unchanged')
    expect(stdout + stderr).not.toContain('0 unchanged')

    const unknown = await project.run([command, '--row', '1', '--row', '99 9'])
    expect(unknown.exitCode).toBe(1)
    expect(unknown.stderr).toContain(
      "Error: Sync contacts has no row 99 9. Why: backhaul show contacts '99 9'",
    )
    const alone = await project.run([command, '--row', '999'])
    expect(alone.stdout + alone.stderr).toContain('nothing to send')
    expect(alone.exitCode).toBe(1)
    expect(alone.stderr).not.toContain('Completed successfully')
  }
})

test('a row that one of the selected syncs has is known', async () => {
  const sync = {
    object: 'contacts',
    primary_key: 'id',
    match: { email: 'email' },
    properties: { firstname: { column: 'first_name', shared: true } },
  }
  const hubspot = [
    { sync: 'few', where: 'id = 1', ...sync },
    { sync: 'all', ...sync },
  ]
  const syncs = [{ model: 'people', hubspot }]
  const project = await smallShop({ sandbox: await strictSandbox(), syncs })
  const { exitCode, stderr } = await project.run(['plan', '--row', '2'])
  expect(exitCode, stderr).toBe(0)
})

test('a selection that matches nothing says what there is', async () => {
  const project = await smallShop({ sandbox: await strictSandbox() })
  for (const command of ['plan', 'run', 'status']) {
    const { stdout, stderr } = await project.run([command, '--select', 'nope'])
    expect(stdout + stderr, command).toContain('Syncs of the project: contacts')
  }
  const meant = await project.run(['plan', '--select', 'contact'])
  expect(meant.stderr).toContain('did you mean contacts?')
})

test('what is mistyped gets a next step', async () => {
  const project = await smallShop({ sandbox: await strictSandbox() })
  const said = async (args: readonly string[], env = {}) =>
    messageOf(await project.run(args, env), project)
  expect(await said(['plan', '--limit=0'])).toMatchInlineSnapshot(`
    "exit 2
    Error: --limit needs a whole number above 0, not 0
        For example --limit 10; leave it out for every row."
  `)
  expect(await said(['plan', '--selec', 'contacts'])).toMatchInlineSnapshot(`
    "exit 2
    Error: backhaul plan has no option --selec; did you mean --select?
        backhaul plan --help lists its options."
  `)
  expect(await said(['vali'])).toMatchInlineSnapshot(`
    "exit 2
    Error: There is no command vali; did you mean validate?
        Commands: init, run, plan, status, show, report, requests, alert, adopt, drift, retry, resolve, ls, validate, lock, debug, inspect, properties, exposures, schema, auth, hook, sandbox, demo, forget, state, clean. backhaul --help says what they do."
  `)
  expect(await said(['plan'], { HUBSPOT_BASE_URL: 'foo' })).toMatchInlineSnapshot(`
    "exit 1
    Error: HUBSPOT_BASE_URL must be an https URL: the token would travel unencrypted (http is for this machine only)
        Unset it to use https://api.hubapi.com, or give the address of a sandbox, e.g. http://127.0.0.1:<port>."
  `)
  expect(await said(['state', 'import', 'nowhere.ndjson'])).toMatchInlineSnapshot(`
    "exit 1
    Error: Could not read nowhere.ndjson (ENOENT)
        There is no such file. To make it, where the state is now: backhaul state export nowhere.ndjson"
  `)
  expect(await said(['state', 'import', '.'])).toMatchInlineSnapshot(`
    "exit 1
    Error: Could not read . (EISDIR)
        It is a folder: name a file in it."
  `)
  expect(await said(['state', 'export', 'a.ndjson'])).toMatchInlineSnapshot(`
    "exit 1
    Error: No sync has a state in main_backhaul
        Check the name of the schema and the target: \`backhaul status --json\` says which schema a target uses."
  `)
  expect(await said(['state', 'move', '--from-schema', 'nowhere'])).toMatchInlineSnapshot(`
    "exit 1
    Error: No sync has a state in nowhere
        Check the name of the schema and the target: \`backhaul status --json\` says which schema a target uses."
  `)
  await project.run(['run'])
  expect(await said(['state', 'export', 'a.ndjson', '-s', 'nope'])).toMatchInlineSnapshot(`
    "exit 1
    Warning: The selection criterion 'nope' does not match any enabled nodes that have a sync
    Error: No selected sync has a state in main_backhaul
        Syncs with a state there: contacts."
  `)
  expect(await said(['state', 'export', 'no/folder.ndjson'])).toMatchInlineSnapshot(`
    "exit 1
    Error: Could not write no/folder.ndjson (ENOENT)
        Its folder does not exist: make it first."
  `)
  writeTo(project, 'backhaul.yml', 'targets: {dev: [}\nhubspot: {base_url: [\n  a: b: c\n')
  expect(await said(['plan'])).toMatchInlineSnapshot(`
    "exit 1
    Error: <project>/backhaul.yml:1:17: is no valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]"
  `)
  writeTo(project, 'backhaul.yml', 'version: 1\nversion: 1\nhubspot: {}\nhubspot: {}\n')
  expect(await said(['plan'])).toMatchInlineSnapshot(`
    "exit 1
    Error: 2 problems:
    <project>/backhaul.yml:2:1: is no valid YAML: a key stands twice
    <project>/backhaul.yml:4:1: is no valid YAML: a key stands twice"
  `)
})

test('a move that finds another state says how to leave it out', async () => {
  const project = await smallShop({ sandbox: await strictSandbox() })
  await project.run(['run'])
  writeTo(project, 'backhaul.yml', 'schema: other\n')
  await project.run(['run'])
  const moved = await project.run(['state', 'move', '--from-schema', 'main_backhaul'])
  expect(moved.exitCode).toBe(1)
  expect(moved.stderr).toContain('has a state in other already')
  expect(moved.stderr).toContain('To move the others: --exclude contacts')
  expect(moved.stderr).not.toContain('export')
})

test('what an import left behind goes with the sync', async () => {
  const project = await smallShop({ engine: 'postgres', sandbox: await strictSandbox() })
  await project.run(['run'])
  const schema = `${project.schema}_backhaul`
  const left = async () =>
    (
      await project.rows(
        `select table_name from information_schema.tables where table_schema = '${schema}' and table_name like '%contacts'`,
      )
    ).map((row) => row['table_name'])
  await project.sql(
    `create table ${schema}.import_state__contacts as select * from ${schema}.state__contacts`,
    `create table ${schema}.import_plan__contacts as select * from ${schema}.plan__contacts`,
  )
  project.setSyncs([])
  expect((await project.run(['clean', '--sync', 'contacts'])).exitCode).toBe(0)
  expect(await left()).toEqual([])
  await project.sql(`create table ${schema}.import_state__contacts (row_id text)`)
  expect((await project.run(['clean', '--sync', 'contacts'])).exitCode).toBe(0)
  expect(await left()).toEqual([])
})

test('a warehouse that goes away while planning is told by its own words', async () => {
  const syncs = [contacts({ where: "first_name <> 'cut here'" })]
  const sandbox = await strictSandbox()
  const project = await smallShop({ engine: 'postgres', sandbox, syncs })
  await goAway(project, "<> 'cut here'")
  const { stderr, stdout, exitCode } = await project.run(['run', '--output', 'json'])
  expect(exitCode).toBe(1)
  // Tidying up fails, too, and is not the news.
  expect(stderr).toContain('Warning: Could not enter that sync contacts failed')
  const [result] = JSON.parse(stdout).results
  expect(result).toMatchObject({ sync: 'contacts', status: 'failed' })
  expect(result.error.message).not.toContain('ECONNREFUSED')
})

test('BigQuery without credentials is told in our words alone', async () => {
  const metadata = createHttpServer((_, answer) => answer.writeHead(500).end())
  await new Promise<void>((resolve) => metadata.listen(0, '127.0.0.1', resolve))
  atTestEnd(() => void metadata.close())
  const address = metadata.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const project = await smallShop()
  useProfile(
    project,
    'bigquery',
    'shop: {target: dev, outputs: {dev: {type: bigquery, method: oauth, project: p, dataset: d}}}\n',
  )
  const { stderr, exitCode } = await project.run(['status'], {
    HOME: project.dir,
    GOOGLE_APPLICATION_CREDENTIALS: '',
    GCE_METADATA_HOST: `127.0.0.1:${port}`,
  })
  expect(exitCode).toBe(1)
  expect(stderr).toContain('there are no credentials')
  expect(stderr).toContain('gcloud auth application-default login')
  expect(stderr).not.toContain('MetadataLookupWarning')
})

/** Puts a server in front of PostgreSQL that is gone for good as soon as a statement holds the marker. */
async function goAway(project: TestProject, marker: string): Promise<void> {
  const profiles = readFileSync(join(project.dir, 'profiles.yml'), 'utf8')
  const port = Number(/"port": (\d+)/.exec(profiles)?.[1])
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    near.on('data', (chunk) => {
      if (!chunk.includes(marker)) far.write(chunk)
      else {
        server.close()
        for (const socket of sockets) socket.destroy()
      }
    })
    far.pipe(near)
    near.on('close', () => far.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atTestEnd(() => void server.close())
  const address = server.address()
  const own = typeof address === 'object' && address !== null ? address.port : 0
  writeTo(project, 'profiles.yml', profiles.replace(String(port), String(own)))
}
