import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { messageOf } from '../support/cli-message.ts'
import type { TestProject } from '../support/project.ts'
import { contacts, smallShop } from '../support/small-shop.ts'

type Entry = Record<string, unknown>

/** Two syncs on models of their own, `others` built from `people`; and what dbt would have written beside them. */
async function shop(more: (manifest: { nodes: Record<string, Entry> } & Entry) => void = () => {}) {
  const syncs = [contacts(), { ...contacts({ sync: 'more', shared: true }), model: 'others' }]
  const project = await smallShop({ syncs, results: { people: 'error' } })
  editManifest(project, (manifest) => {
    const others = manifest.nodes['model.shop.others']
    if (others !== undefined) others['depends_on'] = { nodes: ['model.shop.people'] }
    more(manifest)
  })
  return project
}

function editManifest(
  project: TestProject,
  edit: (manifest: { nodes: Record<string, Entry> } & Entry) => void,
): void {
  const path = join(project.dir, 'target', 'manifest.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8'))
  edit(manifest)
  writeFileSync(path, JSON.stringify(manifest))
}

const selectors = {
  upstream: {
    name: 'upstream',
    default: true,
    definition: { method: 'fqn', value: 'people' },
  },
  downstream: {
    name: 'downstream',
    definition: { method: 'fqn', value: 'people', children: true, exclude: ['people'] },
  },
}

/** Names that `ls` prints. */
async function listed(project: TestProject, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await project.run(['ls', ...args])
  expect(exitCode, stderr).toBe(0)
  return stdout
    .split('\n')
    .map((line) => line.split(' ')[0])
    .filter((name) => name !== '')
    .join(' ')
}

test('the graph is walked from models and from syncs', async () => {
  const project = await shop()
  expect(await listed(project, '-s', 'people+')).toBe('contacts more')
  expect(await listed(project, '-s', '+more')).toBe('contacts more')
  expect(await listed(project, '-s', '+sync:more', '--exclude', 'sync:more')).toBe('contacts')
  expect(await listed(project, '-s', 'object:contact,mode:upsert')).toBe('contacts more')
})

test('YAML selectors, and the default one where nothing is selected', async () => {
  const project = await shop((manifest) => {
    manifest['selectors'] = selectors
  })
  const plain = await project.run(['ls', '--log-level', 'info'])
  expect(plain.stderr).toContain('Using default selector upstream')
  expect(await listed(project)).toBe('contacts')
  expect(await listed(project, '--selector', 'downstream')).toBe('more')
  expect(await listed(project, '-s', 'selector:downstream sync:contacts')).toBe('contacts more')
  expect(await listed(project, '-s', '*')).toBe('contacts more')
  expect(await listed(project, '--exclude', 'sync:contacts')).toBe('more')
  // A sync that is named need not be in the default selector.
  const shown = await project.run(['adopt', 'more', '--dry-run'])
  expect(shown.stderr).not.toContain('Using default selector')
  expect(shown.stderr).not.toContain('no sync more')
})

test.each([
  [
    ['--selector', 'nope'],
    /^Error: Could not find selector named nope, expected one of upstream, downstream$/m,
  ],
  [
    ['--selector', 'upstream', '-s', 'people'],
    /^Error: --selector cannot be combined with --select or --exclude$/m,
  ],
  [
    ['-s', 'state:modified'],
    /^Error: Got a state selector method, but no comparison manifest\n.*--state DIR, or DBT_STATE/m,
  ],
  [
    ['-s', 'state:modified', '--state', 'gone'],
    /no comparison manifest: there is no .*\/gone\/manifest\.json/,
  ],
  [
    ['-s', 'result:error', '--state', 'gone'],
    /^Error: No comparison run_results: there is no .*\/gone\/run_results\.json/m,
  ],
  [
    ['-s', 'source_status:fresher'],
    /^Error: No previous state comparison freshness results in sources\.json/m,
  ],
  [['-s', 'source_status:fresher', '--state', 'gone'], /there is no .*\/gone\/sources\.json/],
  [
    ['-s', '@people+'],
    /^Error: Invalid node spec @people\+ - "@" prefix and "\+" suffix are incompatible$/m,
  ],
])('%j is wrong usage', async (args, message) => {
  const project = await shop((manifest) => {
    manifest['selectors'] = selectors
  })
  const { exitCode, stderr } = await project.run(['ls', ...args])
  expect(stderr).toMatch(message)
  expect(exitCode).toBe(2)
})

test('an earlier state: by option, by variable, and not of the folder that dbt writes', async () => {
  const project = await shop()
  cpSync(join(project.dir, 'target'), join(project.dir, 'earlier'), { recursive: true })
  editManifest(project, ({ nodes }) => {
    const people = nodes['model.shop.people']
    if (people !== undefined) people['raw_code'] = 'select 2'
  })
  expect(await listed(project, '-s', 'state:modified', '--state', 'earlier')).toBe('contacts')
  expect(await listed(project, '-s', 'state:modified+', '--state', 'earlier')).toBe('contacts more')
  expect(await listed(project, '--exclude', 'state:modified', '--state', 'earlier')).toBe('more')
  const same = await project.run(['ls', '-s', 'state:modified', '--state', 'target'])
  expect(same.stderr).toContain('Warning: The state and target directories are the same')
  writeFileSync(join(project.dir, '.env'), 'DBT_STATE=earlier\n')
  expect(await listed(project, '-s', 'state:modified')).toBe('contacts')
  writeFileSync(join(project.dir, 'earlier', 'manifest.json'), '{"metadata": {')
  const damaged = await project.run(['ls', '-s', 'state:new', '--state', 'earlier'])
  expect(damaged.stderr).toContain('earlier/manifest.json')
  expect(damaged.exitCode).toBe(1)
})

test("sources are compared as the project's flag says", async () => {
  const source = { name: 'raw', source_name: 'app', package_name: 'shop', schema: 'app' }
  const project = await shop((manifest) => {
    manifest['sources'] = {
      'source.shop.app.raw': {
        ...source,
        database: 'prod',
        unrendered_database: '{{ target.name }}',
      },
    }
    const people = manifest.nodes['model.shop.people']
    if (people !== undefined) people['depends_on'] = { nodes: ['source.shop.app.raw'] }
  })
  cpSync(join(project.dir, 'target'), join(project.dir, 'earlier'), { recursive: true })
  editManifest(project, (manifest) => {
    const sources = manifest['sources'] as Record<string, Entry>
    const raw = sources['source.shop.app.raw']
    if (raw !== undefined) raw['database'] = 'dev'
  })
  const args = ['-s', 'state:modified+1', '--state', 'earlier']
  expect(await listed(project, ...args)).toBe('contacts')
  const file = join(project.dir, 'dbt_project.yml')
  const flags = { state_modified_compare_more_unrendered_values: true }
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), flags }))
  expect(await listed(project, ...args)).toBe('')
})

test('results: of the last build, or of the state', async () => {
  const project = await shop()
  expect(await listed(project, '-s', 'result:error')).toBe('contacts')
  expect(await listed(project, '-s', 'result:success')).toBe('more')
  mkdirSync(join(project.dir, 'earlier'))
  const results = readFileSync(join(project.dir, 'target', 'run_results.json'), 'utf8')
  const swapped = results.replace('"error"', '"success"').replace('"success"', '"skipped"')
  writeFileSync(join(project.dir, 'earlier', 'run_results.json'), swapped)
  expect(await listed(project, '-s', 'result:skipped', '--state', 'earlier')).toBe('contacts')
})

test('sources that became fresher', async () => {
  const project = await shop((manifest) => {
    const source = {
      name: 'raw',
      source_name: 'app',
      package_name: 'shop',
      fqn: ['shop', 'app', 'raw'],
    }
    manifest['sources'] = { 'source.shop.app.raw': source }
    const people = manifest.nodes['model.shop.people']
    if (people !== undefined) people['depends_on'] = { nodes: ['source.shop.app.raw'] }
  })
  mkdirSync(join(project.dir, 'earlier'))
  const write = (folder: string, at: string) =>
    writeFileSync(
      join(project.dir, folder, 'sources.json'),
      JSON.stringify({ results: [{ unique_id: 'source.shop.app.raw', max_loaded_at: at }] }),
    )
  write('earlier', '2026-11-20T06:00:00Z')
  write('target', '2026-11-20T07:00:00Z')
  const args = ['-s', 'source_status:fresher+1', '--state', 'earlier']
  expect(await listed(project, ...args)).toBe('contacts')
  write('target', '2026-11-20T06:00:00Z')
  expect(await listed(project, ...args)).toBe('')
})

test('an expression that yields nothing is a warning', async () => {
  const project = await shop()
  const result = await project.run(['ls', '-s', 'people', 'tag:nothing', '1+sync:contcts'])
  expect(messageOf(result, project)).toMatchInlineSnapshot(`
    "exit 0
    Warning: The selection criterion 'tag:nothing' does not match any enabled nodes that have a sync
    Warning: The selection criterion '1+sync:contcts' does not match any enabled nodes that have a sync; did you mean contacts?"
  `)
})
