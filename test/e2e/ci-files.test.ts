import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { ensureActionlint, ensureCiChecks } from '../../scripts/ci-files.mjs'
import { root, run } from '../../scripts/process.mjs'
import { bitbucketPipeline } from '../../src/init/ci/bitbucket.ts'
import { githubWorkflow } from '../../src/init/ci/github.ts'
import { gitlabPipeline } from '../../src/init/ci/gitlab.ts'
import { atTestEnd } from '../support/at-test-end.ts'
import { bareEnvironment, startCli } from '../support/cli.ts'
import { codeBlocks, listPages } from '../support/markdown.ts'

const folder = join(root, 'examples', 'ci')
const workflows = ['github-lock.yml', 'github-plan.yml', 'github-run.yml']
const shellFiles = readdirSync(folder).filter((name) => name.endsWith('.sh'))

/** Folder of the checks. Where they cannot be had the test is skipped, and fails when CI is set. */
async function checksFor(context: { skip(reason?: string): never }): Promise<string> {
  const checks = await ensureCiChecks()
  if (checks.available) return checks.bin
  if (process.env['CI']) throw new Error(`CI is set, so this must run, but: ${checks.reason}`)
  return context.skip(checks.reason)
}

function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'backhaul-ci-files-'))
  atTestEnd(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Files as GitHub, GitLab and Bitbucket know them, by what checks them. */
type CiService = 'github-actions' | 'github-workflows' | 'gitlab-ci' | 'bitbucket-pipelines'

/** What the schema of a service says against files; nothing when all is well. */
async function schemaProblems(bin: string, service: CiService, paths: readonly string[]) {
  const args = ['--builtin-schema', `vendor.${service}`, ...paths]
  // GitLab's !reference is no YAML that everybody reads.
  const transform = service === 'gitlab-ci' ? ['--data-transform', 'gitlab-ci'] : []
  const { code, output } = await run(join(bin, 'check-jsonschema'), [...args, ...transform])
  return code === 0 ? '' : output
}

/** What actionlint, and ShellCheck for what is run, say against workflows. */
async function workflowProblems(
  context: { skip(reason?: string): never },
  bin: string,
  paths: readonly string[],
) {
  const actionlint = await ensureActionlint()
  if (!actionlint.available) return context.skip(actionlint.reason)
  const env = { ...process.env, PATH: [bin, process.env['PATH']].join(delimiter) }
  const { code, output } = await run(actionlint.path, paths, { env })
  return code === 0 ? '' : output
}

for (const [service, names] of [
  ['github-actions', ['../../action.yml']],
  ['github-workflows', workflows],
  ['gitlab-ci', ['gitlab-ci.yml']],
  ['bitbucket-pipelines', ['bitbucket-pipelines.yml']],
] as const) {
  test(`files for ${service} follow its JSON Schema`, async (context) => {
    const paths = names.map((name) => join(folder, name))
    expect(await schemaProblems(await checksFor(context), service, paths)).toBe('')
  })
}

test('actionlint finds nothing in the workflows, nor ShellCheck in what they run', async (context) => {
  const paths = workflows.map((name) => join(folder, name))
  expect(await workflowProblems(context, await checksFor(context), paths)).toBe('')
})

test('what init writes is well-formed in the eyes of each service', async (context) => {
  const bin = await checksFor(context)
  const place = temporaryFolder()
  const facts = {
    version: '0.1',
    adapter: 'postgres',
    dbtVersion: '1.11',
    target: 'prod',
    folder: 'dbt',
    profilesFolder: 'dbt',
    variables: ['WAREHOUSE_PASSWORD'],
    branch: 'main',
    stateFile: undefined,
  }
  const write = ({ path, text }: { path: string; text: string }) => {
    const file = join(place, basename(path))
    writeFileSync(file, text)
    return file
  }
  const workflow = write(githubWorkflow(facts))
  const bitbucket = write(bitbucketPipeline(facts))
  expect(await schemaProblems(bin, 'github-workflows', [workflow])).toBe('')
  expect(await schemaProblems(bin, 'gitlab-ci', [write(gitlabPipeline(facts))])).toBe('')
  expect(await schemaProblems(bin, 'bitbucket-pipelines', [bitbucket])).toBe('')
  expect(await workflowProblems(context, bin, [workflow])).toBe('')
})

test('whole workflows in the pages are well-formed', async (context) => {
  const bin = await checksFor(context)
  const place = temporaryFolder()
  const paths = listPages().flatMap((page) =>
    codeBlocks(page)
      .filter(
        ({ language, text }) => language === 'yaml' && /^on:/m.test(text) && /^jobs:/m.test(text),
      )
      .map(({ line, text }) => {
        const path = join(place, `${page.replaceAll('/', '-')}-${line}.yml`)
        writeFileSync(path, text)
        return path
      }),
  )
  expect(paths.length).toBeGreaterThan(0)
  expect(await schemaProblems(bin, 'github-workflows', paths)).toBe('')
  expect(await workflowProblems(context, bin, paths)).toBe('')
})

test('the workflow listens for the event that the page sends', () => {
  const workflow = parse(readFileSync(join(folder, 'github-run.yml'), 'utf8'))
  const page = readFileSync(join(root, 'docs', 'hook.md'), 'utf8')
  const sent = [...page.matchAll(/event_type: '([\w-]+)'/g)].map(([, name]) => name)
  expect(workflow.on.repository_dispatch.types).toEqual(sent)
})

test('a plan on GitLab is given tokens that no variable of the project wins over', () => {
  const jobs = parse(readFileSync(join(folder, 'gitlab-ci.yml'), 'utf8'))
  expect(jobs['backhaul-plan'].variables).toBeUndefined()
  expect(jobs['backhaul-plan'].script.join('\n')).toContain(
    'HUBSPOT_ACCESS_TOKEN="$HUBSPOT_READ_TOKEN"',
  )
})

test('ShellCheck finds nothing in scripts and in the steps of the action', async (context) => {
  const bin = await checksFor(context)
  const steps = temporaryFolder()
  const { runs } = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as {
    runs: { steps: readonly { run?: string }[] }
  }
  const scripts = runs.steps.flatMap(({ run: text }, index) => {
    if (text === undefined) return []
    const path = join(steps, `${index}.sh`)
    writeFileSync(path, `#!/usr/bin/env bash\nset -eo pipefail\n${text}`)
    return [path]
  })
  expect(scripts).toHaveLength(2)
  const files = [...scripts, ...shellFiles.map((name) => join(folder, name))]
  const checked = await run(join(bin, 'shellcheck'), files)
  expect(checked.code, checked.output).toBe(0)
})

test('hadolint finds nothing in the Dockerfile, which copies only what its context has', async (context) => {
  const bin = await checksFor(context)
  const checked = await run(join(bin, 'hadolint'), [join(root, 'Dockerfile')])
  expect(checked.code, checked.output).toBe(0)
  const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
  const copied = readFileSync(join(root, 'Dockerfile'), 'utf8')
    .split('\n')
    .filter((line) => /^COPY (--from=build )?\S/.test(line))
    .flatMap((line) => line.split(' ').slice(1, -1))
    .map((path) => path.replace(/^\/src\//, ''))
    .filter((path) => !/^(--from|\.$|node_modules$|dist$)/.test(path))
  expect(copied).toContain('package.json')
  for (const path of copied) {
    expect(ignored).toContain(`!${path.startsWith('docker/') ? dirname(path) : path}`)
  }
})

test('the health check of the image asks the server that the container runs', async () => {
  const place = temporaryFolder()
  const health = async (words: readonly string[]) => {
    writeFileSync(join(place, 'cmdline'), words.join('\0'))
    const script = join(root, 'docker', 'health.mjs')
    return (await run(process.execPath, [script, join(place, 'cmdline')])).code
  }
  const sandbox = startCli(['sandbox', '--port', '0'])
  const [, port = ''] = await sandbox.waitFor(/HUBSPOT_BASE_URL=http:\/\/[\d.]+:(\d+)/)
  expect(await health(['node', 'backhaul', 'sandbox', '--port', port])).toBe(0)
  expect(await health(['docker-init', '--', 'backhaul', 'sandbox', `--port=${port}`])).toBe(0)
  expect(await health(['backhaul', 'run', '--select', 'contacts'])).toBe(0)
  expect(await health(['backhaul', 'run', '--select', 'hook'])).toBe(0)
  expect(await health(['backhaul', 'hook', '--run', '70471'])).toBe(0)
  sandbox.signal('SIGTERM')
  await sandbox.finished
  expect(await health(['node', 'backhaul', 'sandbox', '--port', port])).toBe(1)
})

interface Note {
  readonly id: number
  readonly author: string
  text: string
}

/**
 * Notes of one merge request in the forms of both services, 100 a page. GitLab lets a token change anybody's note; Bitbucket only its
 * own, and does not say whose a repository's token is.
 */
async function fakeNotes(): Promise<{ url: string; notes: Note[]; tokens: Set<string> }> {
  const notes: Note[] = []
  const tokens = new Set<string>()
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://127.0.0.1')
    const { authorization, 'private-token': privateToken } = request.headers
    tokens.add(String(privateToken ?? authorization))
    const isGitlab = pathname === '/projects/7/merge_requests/5/notes'
    const isBitbucket = pathname === '/repositories/shop/warehouse/pullrequests/5/comments'
    const id = Number(/\/(?:notes|comments)\/(\d+)$/.exec(pathname)?.[1])
    const sent = text === '' ? undefined : JSON.parse(text)
    const said = sent?.body ?? sent?.content?.raw
    const answer = (status: number, content: unknown) =>
      response.writeHead(status).end(JSON.stringify(content))
    const start = (Number(searchParams.get('page')) - 1) * 100
    const page = notes.slice(start, start + 100)
    if (pathname === '/user') return privateToken ? answer(200, { id: 'us' }) : answer(403, {})
    if (request.method === 'GET' && isGitlab)
      return answer(
        200,
        page.map((note) => ({ id: note.id, body: note.text, author: { id: note.author } })),
      )
    if (request.method === 'GET' && isBitbucket)
      return answer(200, {
        values: page.map((note) => ({
          id: note.id,
          content: { raw: note.text },
          deleted: false,
          user: { uuid: note.author },
        })),
        ...(start + 100 < notes.length ? { next: 'more' } : {}),
      })
    if (request.method === 'POST' && (isGitlab || isBitbucket)) {
      notes.push({ id: 1000 + notes.length, author: 'us', text: said })
      return answer(201, {})
    }
    const note = notes.find((each) => each.id === id)
    if (request.method !== 'PUT' || note === undefined) return answer(404, {})
    if (isComment(pathname) && note.author !== 'us') return answer(403, {})
    note.text = said
    return answer(200, {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atTestEnd(() => new Promise((resolve) => server.close(() => resolve())))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, notes, tokens }
}

const isComment = (path: string) => path.startsWith('/repositories/')

for (const [script, variables, token] of [
  [
    'gitlab-note.sh',
    (url: string) => ({
      CI_API_V4_URL: url,
      CI_PROJECT_ID: '7',
      CI_MERGE_REQUEST_IID: '5',
      GITLAB_NOTE_TOKEN: 'secret',
    }),
    'secret',
  ],
  [
    'bitbucket-comment.sh',
    (url: string) => ({
      BITBUCKET_API_URL: url,
      BITBUCKET_REPO_FULL_NAME: 'shop/warehouse',
      BITBUCKET_PR_ID: '5',
      BITBUCKET_COMMENT_TOKEN: 'secret',
    }),
    'Bearer secret',
  ],
] as const) {
  test(`${script} writes one note and keeps it up to date`, async () => {
    const { url, notes, tokens } = await fakeNotes()
    for (let id = 1; id <= 100; id++) notes.push({ id, author: 'a person', text: 'words' })
    // Somebody wrote the words by which the plan is found.
    const [forged, another] = notes
    for (const note of [forged, another])
      if (note !== undefined) note.text = '<!-- backhaul plan -->**Backhaul plan** mine'
    if (another !== undefined) another.text = '**Backhaul plan** mine'
    const place = temporaryFolder()
    const write = async (text: string, env: NodeJS.ProcessEnv) => {
      writeFileSync(join(place, 'plan'), text)
      return run('sh', [join(folder, script), 'plan'], {
        cwd: place,
        env: { ...bareEnvironment(), ...env },
      })
    }
    const first = await write(`1 "update" 'ü' \\n\n${'x'.repeat(200_000)}`, variables(url))
    expect(first.code, first.output).toBe(0)
    expect(notes).toHaveLength(101)
    expect(notes[100]?.text).toContain(`1 "update" 'ü' \\n\n`)
    expect((await write('2 updates', variables(url))).code).toBe(0)
    expect(notes).toHaveLength(101)
    expect(notes[100]?.text).toMatch(/2 updates$/)
    expect([forged?.text, another?.text]).toEqual([
      '<!-- backhaul plan -->**Backhaul plan** mine',
      '**Backhaul plan** mine',
    ])
    expect([...tokens]).toEqual([token])
    const none = await write('3 updates', {})
    expect([none.code, none.output]).toEqual([0, expect.stringMatching(/^No .*_TOKEN: the plan/)])
    expect((await write('4 updates', { ...variables(url), ...gone })).code).not.toBe(0)
  })
}

/** A merge request that is not there. */
const gone = { CI_MERGE_REQUEST_IID: '6', BITBUCKET_PR_ID: '6' }
