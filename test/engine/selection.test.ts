import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dbtEnv, ensureDbt } from '../../scripts/dbt.mjs'
import { run } from '../../scripts/process.mjs'
import { argumentList } from '../../src/cli/command-line/option.ts'
import { readSelection } from '../../src/cli/selection.ts'
import { UserError } from '../../src/errors.ts'
import { silentLogger } from '../../src/log.ts'
import { selectNodes } from '../../src/selection/select-syncs.ts'
import { changeSelectionProject, writeSelectionProject } from '../support/selection-project.ts'
import { samples, samplesDir } from '../unit/manifest/samples.ts'

/*
 * The same expressions through the real `dbt ls` and through ours, on the example project with everything that selectors look
 * at. dbt answers all of them in one process, which parses the project once.
 */

const resourceTypes = ['model', 'seed', 'snapshot', 'exposure']

const state = ['--state', 'state']

/** Options of `dbt ls`, which are ours too. */
const selections: readonly (readonly string[])[] = [
  ['--select', '*'],
  // Names
  ['--select', 'hubspot_contacts'],
  ['--select', 'backhaul_example.marts.hubspot_contacts'],
  ['--select', 'marts'],
  ['--select', 'backhaul_example.shop.weekly'],
  ['--select', 'hubspot_*'],
  ['--select', 'fqn:*.h*_c*'],
  ['--select', 'stg_?rders'],
  ['--select', 'stg_[od]*'],
  ['--select', 'stg_[!od]*'],
  ['--select', 'shop.*orders'],
  ['--select', 'shop.stg_*'],
  ['--select', 'monthly.orders'],
  ['--select', 'weekly.monthly'],
  ['--select', 'plain', 'plain_too nothing_such'],
  ['--select', 'crm_tools'],
  ['--select', '*.crm_accounts'],
  ['--select', 'weekly_board'],
  // Versions
  ['--select', 'orders'],
  ['--select', 'orders.v2'],
  ['--select', 'orders_v1'],
  ['--select', 'elsewhere.orders.v1'],
  ['--select', 'orders.v*'],
  ['--select', 'orders*'],
  ['--select', 'version:latest'],
  ['--select', 'version:old'],
  ['--select', 'version:prerelease'],
  ['--select', 'version:none', '--exclude', 'package:this'],
  // Graph operators
  ['--select', '+hubspot_contacts'],
  ['--select', '1+hubspot_contacts'],
  ['--select', '2+weekly_orders'],
  ['--select', '0+weekly_orders'],
  ['--select', 'stg_orders+'],
  ['--select', 'stg_orders+1'],
  ['--select', '+orders.v2+1'],
  ['--select', '@stg_refunds'],
  ['--select', '@codes'],
  ['--select', '@1+plain'],
  ['--select', '+exposure:weekly_board'],
  ['--select', '1+exposure:*'],
  ['--select', 'source:shop+'],
  ['--select', 'source:shop.raw_refunds+'],
  ['--select', 'source:backhaul_example.*.*orders+2'],
  ['--select', '+test_name:unique'],
  ['--select', '+test_name:relat*,hubspot_contacts'],
  ['--select', '1+test_type:singular'],
  ['--select', '1+test_type:unit'],
  ['--select', '+test_type:data', '--exclude', '+test_type:generic'],
  ['--select', '1+unit_test:plain_gives_one'],
  ['--select', '1+tag:quality'],
  ['--select', '1+resource_type:analysis'],
  // Tags, groups, access, packages
  ['--select', 'tag:nightly'],
  ['--select', 'tag:night*'],
  ['--select', 'tag:nightly+'],
  ['--select', 'tag:finance,tag:daily'],
  ['--select', 'tag:nightly tag:history', '--exclude', 'resource_type:exposure'],
  ['--select', 'tag:crm'],
  ['--select', 'group:finance'],
  ['--select', 'group:f*+', '--exclude', 'version:old version:prerelease'],
  ['--select', 'access:public'],
  ['--select', 'access:private'],
  ['--select', 'access:protected,path:models/shop'],
  ['--select', 'package:crm_tools'],
  ['--select', 'package:this,tag:nightly'],
  ['--select', 'package:*_tools', '--exclude', 'odd_one'],
  // Paths and files
  ['--select', 'path:models/shop'],
  ['--select', 'models/shop/'],
  ['--select', './models/shop/weekly'],
  ['--select', 'path:models/shop/plain_too.sql'],
  ['--select', 'path:models/odd'],
  ['--select', 'path:models/marts'],
  ['--select', 'models/*/stg_*.sql'],
  ['--select', 'models/**/*orders*'],
  ['--select', 'path:models/**'],
  ['--select', 'path:**'],
  ['--select', 'path:seeds'],
  ['--select', 'path:models/shop/_shop.yml'],
  ['--select', 'path:snapshots/*.yml'],
  ['--select', 'weekly_orders.sql'],
  ['--select', 'raw_deals.csv'],
  ['--select', 'file:raw_*'],
  ['--select', 'file:monthly.orders'],
  ['--select', 'file:_shop.yml'],
  // Config
  ['--select', 'config.materialized:view'],
  ['--select', 'config.materialized:v*'],
  ['--select', 'config.materialized:table,+hubspot_deals'],
  ['--select', 'config.meta.owner:revops'],
  ['--select', 'config.meta.nested.deep:yes'],
  ['--select', 'config.meta.teams:crm'],
  ['--select', 'config.meta.tier:1'],
  ['--select', 'config.meta.live:TRUE'],
  ['--select', 'config.contract.enforced:true'],
  ['--select', 'config.contract.enforced:false,package:crm_tools'],
  ['--select', 'config.meta.hubspot.object:companies'],
  ['--select', '1+config.severity:WARN'],
  ['--select', 'config.tags:nightly'],
  ['--select', 'config.group:finance'],
  ['--select', 'config.no_such_key:x'],
  ['--select', 'resource_type:seed'],
  ['--select', 'resource_type:snapshot resource_type:exposure'],
  ['--select', 'resource_type:source+1'],
  ['--exclude', 'tag:nightly+', 'package:crm_tools'],
  // YAML selectors
  ['--selector', 'nightly'],
  ['--selector', 'nightly_and_below'],
  ['--selector', 'union_of_all'],
  ['--selector', 'both'],
  ['--selector', 'typed'],
  ['--selector', 'live'],
  ['--selector', 'without_the_night'],
  ['--selector', 'no_deep_state', ...state],
  // Against an earlier state
  ['--select', 'state:modified', ...state],
  ['--select', 'state:modified+', ...state],
  ['--select', '@state:new', ...state],
  ['--select', 'state:new', ...state],
  ['--select', 'state:old', ...state],
  ['--select', 'state:unmodified', ...state],
  ['--select', 'state:modified.body', ...state],
  ['--select', 'state:modified.configs', ...state],
  ['--select', 'state:modified.persisted_descriptions', ...state],
  ['--select', 'state:modified.relation', ...state],
  ['--select', 'state:modified.relation+', ...state],
  ['--select', 'state:modified.macros', ...state],
  ['--select', 'state:modified.contract', ...state],
  ['--select', 'state:modified,tag:nightly+', '--exclude', 'state:new', ...state],
  ['--select', 'result:error', ...state],
  ['--select', 'result:error+', 'result:skipped', ...state],
  ['--select', '1+result:skipped', ...state],
  ['--select', 'result:success,state:modified', ...state],
  ['--select', '1+result:pass', ...state],
]

/** What neither understands. */
const refused: readonly (readonly string[])[] = [
  ['--select', 'foo:bar'],
  ['--select', 'tags:nightly'],
  ['--select', '@plain+'],
  ['--select', 'resource_type:table'],
  ['--select', 'version:newest'],
  ['--select', 'test_type:slow'],
  ['--select', 'source:a.b.c.d'],
  ['--select', 'exposure:a.b.c'],
  ['--select', 'state:modified'],
  ['--select', 'state:changed', ...state],
  ['--select', 'state:modified', '--state', 'nowhere'],
  ['--selector', 'nightlies'],
]

/**
 * Over manifests of other people's projects, which nobody can parse here: dbt selects in them nevertheless. A generic test that it
 * reads from a file is none to it any more, so tests are not asked for by type.
 */
const ofSamples: readonly (readonly string[])[] = [
  ['--select', '*'],
  ['--select', 'stg_*'],
  ['--select', 'fqn:*.staging.*'],
  ['--select', '@orders'],
  ['--select', '+orders+1'],
  ['--select', '2+orders', 'customers+', '--exclude', 'resource_type:test'],
  ['--select', 'source:*+1'],
  ['--select', '+exposure:*'],
  ['--select', 'metric:*'],
  ['--select', '1+metric:*order*'],
  ['--select', '+metric:*', '--exclude', 'tag:*'],
  ['--select', 'semantic_model:*'],
  ['--select', '1+semantic_model:orders+1'],
  ['--select', 'saved_query:*', '+saved_query:*order*'],
  ['--select', 'unit_test:*'],
  ['--select', '+test_type:unit'],
  ['--select', 'config.materialized:table'],
  ['--select', 'config.materialized:view+'],
  ['--select', 'config.severity:error'],
  ['--select', 'config.enabled:true,resource_type:source+'],
  ['--select', 'package:this'],
  ['--select', 'access:protected', '--exclude', 'package:this,stg_*'],
  ['--select', 'version:none'],
  ['--select', 'file:stg_*'],
  ['--select', 'tag:*', 'group:*'],
  ['--select', 'state:modified', ...state],
  ['--select', 'state:modified+', '--exclude', 'state:new', ...state],
  ['--select', 'state:unmodified', ...state],
  ['--select', 'state:modified.configs', ...state],
  ['--select', 'state:modified.body', 'state:modified.relation', ...state],
  ['--select', 'state:new', ...state],
]

/** The ones with most nodes and most kinds of them, each with what stands for its earlier state. */
const sampleManifests = samples('manifest.v12.core-1.').flatMap((sample) => {
  const earlier = { '1.8.9': '1.9.0', '1.12.0': '1.11.7' }[/1\.\d+\.\d+/.exec(sample)?.[0] ?? '']
  return samples(`manifest.v12.core-${earlier}.`).map((other) => [sample, other] as const)
})

const dbt = await ensureDbt()
if (!dbt.available) {
  if (process.env['CI']) throw new Error(`CI is set, so dbt must run, but: ${dbt.reason}`)
  console.warn(`skipped: no dbt: ${dbt.reason}`)
}

interface Answer {
  readonly error: string | null
  /** Of the nodes listed, sorted. */
  readonly ids: readonly string[]
}

/** By manifest and options. */
const answers = new Map<string, Answer>()
let dir = ''

describe.skipIf(!dbt.available)('dbt ls and ours', () => {
  beforeAll(async () => {
    dir = writeSelectionProject()
    await inDbt([['build', '--target-path', 'state']])
    changeSelectionProject(dir)
    await ask([...selections, ...refused], resourceTypes)
  }, 600_000)

  afterAll(() => rmSync(dir, { recursive: true }))

  describe('take the same nodes', () => {
    test.each(named(selections))('%s', async (name, options) => {
      const { error, ids } = answerTo(name)
      expect(error).toBe(null)
      expect(await select(options, resourceTypes)).toEqual(ids)
    })

    test('most of the selections are neither empty nor everything', () => {
      const sizes = [...answers.values()].map(({ ids }) => ids.length)
      const all = Math.max(...sizes)
      expect(sizes.filter((size) => size > 0 && size < all).length).toBeGreaterThan(90)
    })

    test('every kind of change was found by dbt, and not everything is changed', () => {
      const parts = ['body', 'configs', 'persisted_descriptions', 'relation', 'macros', 'contract']
      const found = ['state:new', ...parts.map((part) => `state:modified.${part}`)].map(
        (criterion) => answerTo(`--select ${criterion} --state state`).ids.length,
      )
      expect(Math.min(...found)).toBeGreaterThan(0)
      expect(Math.max(...found)).toBeLessThan(10)
    })
  })

  describe('refuse the same', () => {
    test.each(named(refused))('%s', async (name, options) => {
      const { error } = answerTo(name)
      const refusal = await select(options, resourceTypes).catch((cause: unknown) => cause)
      expect(refusal).toBeInstanceOf(UserError)
      expect((refusal as UserError).exitCode).toBe(2)
      // In dbt's words, up to where it goes on about its own ways.
      expect(error).toContain((refusal as UserError).message.split(/\n|, expected|: there/)[0])
    })
  })

  describe.each(sampleManifests)('take the same nodes of %s', (sample, earlier) => {
    const manifestPath = () => join(dir, sample)

    beforeAll(async () => {
      mkdirSync(join(dir, 'state'), { recursive: true })
      copyWithoutMacros(join(samplesDir, earlier), join(dir, 'state', 'manifest.json'))
      copyWithoutMacros(join(samplesDir, sample), manifestPath())
      await ask(ofSamples, [], manifestPath())
    }, 600_000)

    test.each(named(ofSamples))('%s', async (name, options) => {
      const { error, ids } = answerTo(name, manifestPath())
      expect(error).toBe(null)
      expect(await select(options, [], manifestPath())).toEqual(ids)
    })
  })
})

/** The samples hold only a few of the macros that their nodes call, without which dbt finds no differences. */
function copyWithoutMacros(from: string, to: string): void {
  const manifest = JSON.parse(readFileSync(from, 'utf8'))
  const text = JSON.stringify({ ...manifest, macros: {} }, (key, value: unknown) =>
    key === 'macros' && Array.isArray(value) ? [] : value,
  )
  writeFileSync(to, text)
}

function named(all: readonly (readonly string[])[]) {
  return all.map((options) => [options.join(' '), options] as const)
}

const keyOf = (name: string, manifestPath: string | undefined) => `${manifestPath ?? ''} ${name}`

function answerTo(name: string, manifestPath?: string): Answer {
  const answer = answers.get(keyOf(name, manifestPath))
  if (answer === undefined) throw new TypeError(`dbt was not asked for ${name}`)
  return answer
}

/** Asks dbt. @param types of resources to list; none: those that it lists by default, without tests that follow their models */
async function ask(
  asked: readonly (readonly string[])[],
  types: readonly string[],
  manifestPath?: string,
): Promise<void> {
  const ls = ['ls', '--quiet', '--output', 'json', '--output-keys', 'unique_id']
  const listed =
    types.length === 0
      ? ['--indirect-selection', 'empty']
      : types.flatMap((type) => ['--resource-type', type])
  const commands = asked.map((options) => [...ls, ...listed, ...options])
  const given = await inDbt(commands, manifestPath)
  for (const [index, options] of asked.entries()) {
    const answer = given[index]
    if (answer !== undefined) answers.set(keyOf(options.join(' '), manifestPath), answer)
  }
}

async function inDbt(
  commands: readonly (readonly string[])[],
  manifestPath?: string,
): Promise<readonly Answer[]> {
  if (!dbt.available) return []
  const program = join(import.meta.dirname, '../support/dbt-commands.py')
  const python = join(dirname(dbt.path), 'python')
  const args = [program, JSON.stringify(commands)]
  const { code, output } = await run(
    python,
    manifestPath === undefined ? args : [...args, manifestPath],
    { cwd: dir, env: { ...process.env, ...dbtEnv }, errors: false },
  )
  expect(code, output).toBe(0)
  const given: readonly { readonly error: string | null; readonly lines: readonly string[] }[] =
    JSON.parse(output.trim().split('\n').at(-1) ?? '')
  return given.map(({ error, lines }) => ({
    error,
    ids: lines.map((line) => JSON.parse(line).unique_id as string).sort(),
  }))
}

/** What `dbt ls` does not list unless it is asked. */
const unlisted = ['analysis', 'operation']

/** Ours: the ids that are selected, sorted. */
async function select(
  options: readonly string[],
  types: readonly string[],
  manifestPath = join(dir, 'target', 'manifest.json'),
): Promise<readonly string[]> {
  const project = {
    projectDir: dir,
    dbtFlags: {},
    targetPath: join(dir, 'target'),
    manifestPath,
    runResultsPath: join(dir, 'target', 'run_results.json'),
    env: {},
  }
  const { selection, facts } = await readSelection(
    { log: silentLogger, project },
    argumentsOf(options),
  )
  return [...selectNodes(selection, facts)]
    .filter((id) => {
      const type = facts.graph.nodes.get(id)?.resourceType ?? ''
      return types.length === 0 ? !unlisted.includes(type) : types.includes(type)
    })
    .sort()
}

/** `--select a b` as the parser hands it on. */
function argumentsOf(options: readonly string[]): Readonly<Record<string, unknown>> {
  const args: Record<string, readonly string[]> = {}
  let name = ''
  for (const word of options) {
    if (word.startsWith('--')) name = word.slice(2)
    else args[name] = [...argumentList(args[name]), word]
  }
  return Object.fromEntries(
    Object.entries(args).map(([key, values]) => [
      key,
      ['selector', 'state'].includes(key) ? values[0] : values,
    ]),
  )
}
