import { once } from 'node:events'
import {
  createWriteStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openDbtPlatform } from '../../../src/hook/dbt-platform.ts'
import { fetchArtifacts } from '../../../src/hook/fetch-artifacts.ts'
import { PlatformError } from '../../../src/hook/platform-error.ts'
import { silentLogger } from '../../../src/log.ts'
import { atTestEnd } from '../../support/at-test-end.ts'
import {
  type DbtPlatform,
  type Fault,
  type PlatformStepSpec,
  startDbtPlatform,
} from '../../support/dbt-platform.ts'

const minuteMs = 60_000
const run = {
  runId: '500',
  accountId: '1',
  environmentId: '100',
  finishedAt: new Date().toISOString(),
}

let invocations = 0

/** A step with its artifacts. */
function step(
  which: string,
  statuses: Readonly<Record<string, string>>,
  changes: { readonly name?: string; readonly invocationId?: string; readonly args?: object } = {},
): PlatformStepSpec {
  const invocationId = changes.invocationId ?? `invocation-${++invocations}`
  return {
    name: changes.name ?? `Invoke dbt with \`dbt ${which}\``,
    manifest: { metadata: { invocation_id: invocationId }, nodes: {} },
    runResults: {
      metadata: {
        dbt_schema_version: 'https://schemas.getdbt.com/dbt/run-results/v6.json',
        generated_at: new Date().toISOString(),
        invocation_id: invocationId,
      },
      args: { which, target: 'default', ...changes.args },
      results: Object.entries(statuses).map(([unique_id, status]) => ({
        unique_id,
        status,
        ...(unique_id.startsWith('model.') ? { relation_name: `"db"."s"."${unique_id}"` } : {}),
      })),
    },
  }
}

const clone = { name: 'Clone git repository' }

async function platformWith(steps: readonly PlatformStepSpec[], changes: object = {}) {
  const platform = await startDbtPlatform()
  platform.setRun({ runId: '500', steps, ...changes })
  const folder = mkdtempSync(join(tmpdir(), 'backhaul-artifacts-'))
  atTestEnd(() => rmSync(folder, { recursive: true, force: true }))
  return { platform, folder }
}

function fetching(
  { platform, folder }: { platform: DbtPlatform; folder: string },
  changes: {
    maxBytes?: number
    timeoutMs?: number
    token?: string
    run?: Partial<typeof run>
    signal?: AbortSignal
  } = {},
) {
  const pauses: number[] = []
  const client = openDbtPlatform({
    baseUrl: platform.url,
    accountId: platform.accountId,
    token: changes.token ?? platform.token,
    maxBytes: changes.maxBytes ?? 1_000_000_000,
    log: silentLogger,
    clock: Date.now,
    sleep: async (ms) => void pauses.push(ms),
    ...(changes.timeoutMs === undefined ? {} : { timeoutMs: changes.timeoutMs }),
  })
  const fetched = fetchArtifacts(
    {
      platform: client,
      folder,
      workFolder: join(folder, 'work'),
      rememberMs: 48 * 60 * minuteMs,
      log: silentLogger,
      clock: Date.now,
      signal: changes.signal ?? new AbortController().signal,
    },
    { ...run, ...changes.run },
  )
  return { fetched, pauses }
}

const target = (folder: string) => join(folder, 'work', 'target')

function results(folder: string) {
  const file = JSON.parse(readFileSync(join(target(folder), 'run_results.json'), 'utf8'))
  return {
    ...file,
    byId: Object.fromEntries(
      file.results.map((result: { unique_id: string; status: string }) => [
        result.unique_id,
        result.status,
      ]),
    ),
  }
}

describe('the steps of a run', () => {
  test('that built or tested are joined: the last result of a node counts, documentation does not', async () => {
    const retried = step(
      'build',
      { 'model.a.x': 'success', 'test.a.t.1': 'pass' },
      { invocationId: 'last' },
    )
    const setup = await platformWith([
      clone,
      step('run', { 'model.a.x': 'error', 'model.a.y': 'success' }),
      retried,
      // `dbt deps` writes none: what is there is that of the step before.
      { name: 'Invoke dbt with `dbt deps`', runResults: retried.runResults },
      step('generate', { 'model.a.x': 'success', 'model.a.z': 'success' }),
    ])
    await expect(fetching(setup).fetched).resolves.toEqual({
      kind: 'built',
      targetPath: target(setup.folder),
    })
    const joined = results(setup.folder)
    expect(joined.byId).toEqual({
      'model.a.x': 'success',
      'model.a.y': 'success',
      'test.a.t.1': 'pass',
    })
    expect(joined.args).toEqual({ which: 'build' })
    expect(joined.metadata.invocation_id).toBe('last')
    // The gate holds what was built elsewhere than the manifest says.
    expect(joined.results[0].relation_name).toBe('"db"."s"."model.a.x"')
    const manifest = JSON.parse(readFileSync(join(target(setup.folder), 'manifest.json'), 'utf8'))
    expect(manifest.metadata.invocation_id).toBe('last')
  })

  test.each<[string, PlatformStepSpec]>([
    ['by what dbt recorded', step('build', { 'model.a.x': 'success' }, { args: { empty: true } })],
    [
      'by its name',
      step('build', { 'model.a.x': 'success' }, { name: 'Invoke dbt with `dbt build --empty`' }),
    ],
    ['of samples', step('build', { 'model.a.x': 'success' }, { args: { sample: '3 days' } })],
  ])('that built nothing but structure hold their models: %s', async (_, partial) => {
    const setup = await platformWith([step('build', { 'model.a.y': 'success' }), partial])
    await fetching(setup).fetched
    expect(results(setup.folder).byId).toEqual({ 'model.a.y': 'success', 'model.a.x': 'error' })
  })

  test.each<[string, readonly PlatformStepSpec[], object]>([
    ['of all', [step('seed', {}), step('build', {})], { which: 'build' }],
    [
      'of a choice with its tests',
      [step('build', {}, { args: { select: ['x'], indirect_selection: 'eager' } })],
      { which: 'build', select: ['a choice'], indirect_selection: 'eager' },
    ],
    [
      'of a choice, some without tests',
      [
        step('run', {}, { args: { select: ['x'], indirect_selection: 'eager' } }),
        step('build', {}, { args: { select: ['y'], indirect_selection: 'eager' } }),
      ],
      { which: 'build', select: ['a choice'] },
    ],
    [
      'that tried again',
      [step('build', {}, { args: { invocation_command: 'dbt retry' } })],
      { which: 'build', select: ['a choice'] },
    ],
    ['that tested', [step('test', {})], { which: 'test', select: ['a choice'] }],
  ])('tell the gate whether a test can be missing: %s', async (_, steps, args) => {
    const setup = await platformWith(steps)
    await fetching(setup).fetched
    expect(results(setup.folder).args).toEqual(args)
  })

  test('are asked for one by one only where the API tells them', async () => {
    const setup = await platformWith([clone, step('build', { 'model.a.x': 'success' })])
    await fetching(setup).fetched
    expect(setup.platform.requests().filter((path) => path.includes('run_results')).length).toBe(2)
  })
})

describe('a run', () => {
  const built = [step('build', { 'model.a.x': 'success' })]

  test.each<[string, object, RegExp]>([
    ['of a pull request', { trigger: { github_pull_request_id: 12 } }, /pull request/],
    ['of a job for pull requests', { jobType: 'ci' }, /pull requests/],
    ['in another schema', { trigger: { schema_override: 'dbt_pr_1' } }, /another schema/],
    ['that was cancelled', { status: 30 }, /cancelled/],
    [
      'that failed before it built anything',
      {
        status: 20,
        areArtifactsSaved: false,
        finishedAt: new Date(Date.now() - 6 * minuteMs).toISOString(),
      },
      /left no artifacts/,
    ],
  ])('%s is nothing to sync', async (_, changes, why) => {
    const setup = await platformWith(built, changes)
    await expect(fetching(setup).fetched).resolves.toMatchObject({
      kind: 'nothing',
      why: expect.stringMatching(why),
    })
  })

  test('that only documented is nothing to sync', async () => {
    const setup = await platformWith([step('generate', { 'model.a.x': 'success' })])
    await expect(fetching(setup).fetched).resolves.toMatchObject({ kind: 'nothing' })
  })

  test.each<[string, object]>([
    ['that is under way', { status: 3 }],
    ['whose artifacts are not there yet', { areArtifactsSaved: false }],
  ])('%s is asked for later', async (_, changes) => {
    const setup = await platformWith(built, changes)
    await expect(fetching(setup).fetched).rejects.toMatchObject({ isTransient: true })
  })

  test.each<[string, Partial<PlatformStepSpec>, boolean]>([
    ['that tested and succeeded', { name: 'Invoke dbt with `dbt --quiet test -s x`' }, true],
    ['that built and failed before dbt began', { name: 'dbt build', status: 20 }, false],
    ['that called a macro', { name: 'Invoke dbt with `dbt run-operation grant_all`' }, false],
    ['that documented', { name: 'Invoke dbt with `dbt docs generate`' }, false],
    ['that cloned', { name: 'Clone git repository' }, false],
    ['of a connection', { name: 'Create profile from connection dbt build' }, false],
  ])('with a step %s and left no results', async (_, bare, isWaitedFor) => {
    const setup = await platformWith([...built, { name: '', ...bare }])
    const { fetched } = fetching(setup)
    if (isWaitedFor) {
      await expect(fetched).rejects.toMatchObject({
        isTransient: true,
        message: expect.stringMatching(/results.json of step 2 .* is not there \(HTTP 404\)/),
      })
    } else await expect(fetched).resolves.toMatchObject({ kind: 'built' })
  })

  test('without a manifest is asked for later', async () => {
    const { manifest: _, ...bare } = built[0] ?? { name: '' }
    const setup = await platformWith([bare])
    await expect(fetching(setup).fetched).rejects.toThrow(/manifest\.json .* it is not there/)
  })
})

describe('a download', () => {
  const built = [step('build', { 'model.a.x': 'success' })]

  test.each<[string, RegExp, Fault, number]>([
    ['a run that is not known yet', /runs\/500\/\?/, { status: 404 }, 2],
    ['an error of the server', /manifest/, { status: 502 }, 3],
    ['an answer that ends in the middle', /manifest/, 'truncated', 2],
    ['an answer that a proxy cut off', /manifest/, 'cut off', 2],
    ['a connection that is reset', /run_results/, 'reset', 2],
    ['silence', /run_results/, 'silent', 1],
    ['too many requests', /run_results/, { status: 429, retryAfter: '7' }, 1],
  ])('gets over %s', async (_, path, fault, times) => {
    const setup = await platformWith(built)
    setup.platform.fault(path, fault, times)
    const { fetched, pauses } = fetching(setup, { timeoutMs: 300 })
    await expect(fetched).resolves.toMatchObject({ kind: 'built' })
    expect(pauses).toHaveLength(times)
    if (typeof fault === 'object' && fault.retryAfter !== undefined) expect(pauses).toEqual([7000])
    expect(readdirSync(target(setup.folder)).sort()).toEqual(['manifest.json', 'run_results.json'])
  })

  test('that was cut off in its results is fetched again later', async () => {
    const setup = await platformWith(built)
    setup.platform.fault(/run_results/, 'cut off', 9)
    await expect(fetching(setup).fetched).rejects.toMatchObject({ isTransient: true })
    expect(existsSync(join(setup.folder, 'work', 'step.json'))).toBe(false)
  })

  test('leaves a limit of five minutes to the queue', async () => {
    const setup = await platformWith(built)
    setup.platform.fault(/manifest/, { status: 429, retryAfter: '300' }, 9)
    const { fetched, pauses } = fetching(setup)
    await expect(fetched).rejects.toMatchObject({ status: 429, retryAfterMs: 300_000 })
    expect(pauses).toEqual([])
  })

  test('with a token that is not accepted says so once, without it', async () => {
    const setup = await platformWith(built)
    const error = await fetching(setup, { token: 'wrong-token' }).fetched.catch((thrown) => thrown)
    expect(error).toBeInstanceOf(PlatformError)
    expect(error.message).toBe(
      'could not read run 500 of the dbt platform: HTTP 401: DBT_CLOUD_TOKEN is not accepted',
    )
    expect(setup.platform.requests()).toHaveLength(1)
  })

  test('is refused above a size, and leaves nothing', async () => {
    const setup = await platformWith(built)
    await expect(fetching(setup, { maxBytes: 100 }).fetched).rejects.toThrow(/larger than/)
    expect(readdirSync(target(setup.folder))).toEqual([])
  })

  test('ends at once when it is told to stop', async () => {
    const setup = await platformWith(built)
    setup.platform.fault(/manifest/, 'silent', 9)
    const stop = new AbortController()
    const { fetched } = fetching(setup, { signal: stop.signal })
    setTimeout(() => stop.abort(), 100)
    await expect(fetched).rejects.toThrow(/aborted/)
  })

  test('of a manifest of 100 MB passes through, and is not kept in memory', async () => {
    const setup = await platformWith([])
    const path = join(setup.folder, 'large.json')
    const file = createWriteStream(path)
    const piece = `${JSON.stringify('x'.repeat(1_000_000))},\n`
    file.write('{"nodes": [')
    for (let megabytes = 0; megabytes < 100; megabytes++) {
      if (!file.write(piece)) await once(file, 'drain')
    }
    file.end('0]}\n')
    await once(file, 'close')
    const [first] = built
    setup.platform.setRun({ runId: '500', steps: [{ name: 'build', ...first, manifest: path }] })
    const before = process.memoryUsage().rss
    let highest = before
    const watch = setInterval(() => {
      highest = Math.max(highest, process.memoryUsage().rss)
    }, 20)
    await fetching(setup).fetched
    clearInterval(watch)
    expect(statSync(join(target(setup.folder), 'manifest.json')).size).toBe(statSync(path).size)
    expect((highest - before) / 1_000_000).toBeLessThan(80)
  }, 60_000)
})

describe('a run that comes late', () => {
  const at = (minutes: number) => ({
    finishedAt: new Date(Date.now() + minutes * minuteMs).toISOString(),
  })

  test('goes by what later runs of its environment did to the same nodes', async () => {
    const setup = await platformWith([])
    const carryOut = async (
      runId: string,
      minutes: number,
      built: PlatformStepSpec,
      environmentId = '100',
    ) => {
      setup.platform.setRun({ runId, steps: [built] })
      await fetching(setup, { run: { runId, environmentId, ...at(minutes) } }).fetched
      return results(setup.folder).byId
    }
    await carryOut(
      '502',
      2,
      step('build', { 'model.a.x': 'success', 'test.a.x.1': 'fail', 'model.a.z': 'success' }),
    )
    await carryOut('503', 3, step('build', { 'model.a.x': 'error' }), '200')
    const late = step('build', {
      'model.a.x': 'success',
      'test.a.x.1': 'pass',
      'model.a.y': 'success',
    })
    expect(await carryOut('501', 1, late)).toEqual({
      'model.a.x': 'success',
      'test.a.x.1': 'fail',
      'model.a.y': 'success',
    })
    // What the late run did is older, and tells the next one nothing.
    expect(await carryOut('504', 4, step('build', { 'model.a.x': 'success' }))).toEqual({
      'model.a.x': 'success',
    })
  })
})
