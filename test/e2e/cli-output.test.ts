import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from '../../scripts/process.mjs'
import { eventCodes } from '../../src/cli/command-line/log-writer.ts'
import { steady } from '../support/cli-message.ts'
import type { TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { people, smallShop } from '../support/small-shop.ts'

const cliProgram = join(root, 'dist', 'cli', 'main.js')
const docs = readFileSync(join(root, 'docs', 'output.md'), 'utf8')

/** Keys that docs/output.md does not name. */
const undocumented = (document: object): readonly string[] =>
  Object.keys(document).filter((key) => !docs.includes(`\`${key}\``))

const linesOf = (text: string): readonly Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

test('a first plan says what it would do, and nothing of what it would not', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  const { stdout } = await project.run(['plan'])
  expect(steady(stdout, project)).toMatchInlineSnapshot(`
    "contacts: people → contacts (upsert by email)
      2 rows in the model, first run
      2 create or update
      1 write call
        ± 1
            email:     "ada@shop.example"
            firstname: "Ada"
        ± 2
            email:     "grace@shop.example"
            firstname: "Grace"

    ± create or update
    "
  `)
})

test('a plan says what its signs mean, and which values a full refresh sends again', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  await project.run(['run'])
  await project.sql("update people set first_name = 'Ada L.' where id = 1")
  const { stdout } = await project.run(['plan', '--full-refresh'])
  expect(stdout).toContain('        firstname: "Ada" → "Ada L."\n')
  expect(stdout).toContain('        firstname: "Grace" (again)\n')
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('~ update')
  const none = await project.run(['plan', '-s', 'nothing'])
  expect(none.stdout).toBe('')
})

test('a plan that takes its time says how long', async () => {
  const sandbox = await strictSandbox({ tier: 'starter' })
  const table = `create table people as select i as id, 'p' || i || '@shop.example' as email, 'P' as first_name from range(1, 30001) as r(i)`
  const project = await smallShop({ sandbox, tables: [table] })
  const { stdout } = await project.run(['plan'])
  expect(stdout).toContain('300 write calls, about 21 s')
})

test('plan --output json is documented key by key', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  const { stdout } = await project.run(['plan', '--output', 'json'])
  const documents = linesOf(stdout)
  expect(documents.map((document) => document['kind'])).toEqual(['plan', 'change', 'change'])
  for (const document of documents) expect(undocumented(document)).toEqual([])
  const [plan] = documents
  for (const key of ['rows', 'operations', 'calls']) {
    expect(undocumented(plan?.[key] as object)).toEqual([])
  }
})

test('run --output json is run_results.json, documented key by key', async () => {
  const sandbox = await strictSandbox()
  const tables = [people('Ada', 'Grace'), 'update people set id = null where id = 2']
  const project = await smallShop({ sandbox, tables })
  const { stdout, exitCode } = await project.run(['run', '--output', 'json'])
  const results = JSON.parse(stdout)
  const path = join(project.dir, 'target', 'backhaul', 'run_results.json')
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(results)
  expect(results.exit_code).toBe(exitCode)
  expect(undocumented(results)).toEqual([])
  expect(undocumented(results.metadata)).toEqual([])
  const [result] = results.results
  expect(undocumented(result)).toEqual([])
  expect(undocumented(result.counts)).toEqual([])
  expect(result.rejects).toEqual([
    { category: 'MISSING_KEY', property: null, isLink: false, rows: 1, exampleRowId: null },
  ])
})

test('the JSON log is in dbt’s envelope, to the last line, and holds no value', async () => {
  const sandbox = await strictSandbox()
  const tables = [people('Ada', 'Grace'), 'update people set id = null where id = 2']
  const project = await smallShop({ sandbox, tables })
  const { stderr } = await project.run(['run', '--log-format', 'json', '--use-colors'])
  expect(stderr).not.toContain('\u001b')
  expect(stderr).not.toContain('shop.example')
  const lines = linesOf(stderr)
  for (const line of lines) {
    expect(Object.keys(line)).toEqual(['data', 'info'])
    expect(undocumented(line['info'] as object)).toEqual([])
  }
  const names = lines.map((line) => (line['info'] as { name: string }).name)
  expect(names.filter((name) => name !== 'Message')).toEqual([
    'RunStart',
    'SyncStart',
    'SyncResult',
    'Rejects',
    'RunEnd',
  ])
  for (const [name, code] of Object.entries(eventCodes)) {
    expect(docs).toContain(`| \`${name}\` | \`${code}\` |`)
  }
})

test('--quiet says nothing of a run that goes well, and what failed of one that does not', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  expect((await project.run(['run', '-q'])).stderr).toBe('')
  await project.sql('delete from people')
  expect(steady((await project.run(['run', '-q'])).stderr, project)).toContain('empty_model')
})

test('--debug shows SQL and requests, without values and token', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  const { stderr } = await project.run(['run', '--debug'])
  expect(stderr).toContain('HubSpot request')
  expect(stderr).toMatch(/sql=/)
  expect(stderr).not.toContain('ada@shop.example')
  expect(stderr).not.toContain(sandbox.token)
})

test('dbt’s variables choose log and target, the twin with ENGINE first, flags before both', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  const json = await project.run(['ls', '-s', 'nothing'], {
    DBT_LOG_FORMAT: 'text',
    DBT_ENGINE_LOG_FORMAT: 'json',
  })
  expect(linesOf(json.stderr)).toHaveLength(1)
  const quiet = await project.run(['ls', '-s', 'nothing'], { DBT_QUIET: '1' })
  expect(quiet.stderr).toBe('')
  const loud = await project.run(['ls', '-s', 'nothing', '--no-quiet'], { DBT_QUIET: '1' })
  expect(loud.stderr).toContain('Warning')
  const target = await project.run(['ls'], { DBT_TARGET: 'dev', DBT_ENGINE_TARGET: 'gone' })
  expect(target.stderr).toContain('no target gone')
})

test('selection, full refresh and gate never come from the environment', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  await project.run(['run'])
  const before = sandbox.writeCalls()
  const env = {
    DBT_FULL_REFRESH: '1',
    DBT_ENGINE_FULL_REFRESH: '1',
    DBT_SELECT: 'gone',
    DBT_EXCLUDE: 'contacts',
  }
  const { stderr } = await project.run(['run'], env)
  expect(stderr).toContain('[2 unchanged in')
  expect(sandbox.writeCalls()).toBe(before)
})

test('on a terminal there are colours and a bar; NO_COLOR and --no-use-colors switch colours off', async (context) => {
  if (!hasScript()) return context.skip('`script`, which makes a terminal, is not installed')
  const sandbox = await strictSandbox({ latencyMs: 50 })
  const project = await smallShop({ sandbox })
  const colour = '\u001b[32m'
  expect(await onTerminal(project, ['run'])).toContain(colour)
  await project.sql("update people set first_name = first_name || '!'")
  expect(await onTerminal(project, ['run'])).toContain('of 2 rows')
  expect(await onTerminal(project, ['run'], { NO_COLOR: '1' })).not.toContain(colour)
  expect(await onTerminal(project, ['run', '--no-use-colors'])).not.toContain(colour)
  expect(await onTerminal(project, ['run'], { DBT_USE_COLORS: 'false' })).not.toContain(colour)
})

function hasScript(): boolean {
  try {
    execFileSync('script', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** What a terminal would have shown. */
async function onTerminal(
  project: TestProject,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const line = [process.execPath, cliProgram, ...args].map((word) => `'${word}'`).join(' ')
  const { PATH, HOME } = process.env
  const { stdout } = await promisify(execFile)('script', ['-qec', line, '/dev/null'], {
    cwd: project.dir,
    env: { PATH, HOME, TERM: 'xterm', ...project.env, ...env },
  })
  return stdout
}
