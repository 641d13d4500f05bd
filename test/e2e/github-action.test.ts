import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type ActionOptions, fakeGithub, runAction } from '../support/github-action.ts'
import type { TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { people, smallShop } from '../support/small-shop.ts'

const opened = {
  name: 'pull_request',
  payload: { pull_request: { number: 5, head: { sha: 'fedcba0987654321' } } },
}

/** The step in a project's folder, with what its job would set. */
const inProject = (project: TestProject, options: Partial<ActionOptions> = {}) =>
  runAction({ cwd: project.dir, ...options, env: { ...project.env, ...options.env } })

test('a plan of a pull request is one comment, which the next plan brings up to date', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  const github = await fakeGithub()
  const first = await inProject(project, { event: opened, apiUrl: github.url })
  expect(first.exitCode, first.log).toBe(0)
  const [comment] = github.comments
  expect(comment?.body).toMatch(/^<!-- backhaul plan [0-9a-f]{16} -->\n### Backhaul plan\n/)
  expect(comment?.body).toContain('firstname: "Ada"')
  expect(comment?.body).toContain(
    'Commit fedcba0987, [log](https://github.example/shop/warehouse/actions/runs/77)',
  )
  expect(first.summary).toContain('| `contacts` | contacts | 2 create or update | 1 |')
  expect(first.log).toContain('The plan is at https://github.example/c/')
  expect(first.outputs['exit-code']).toBe('0')
  expect(readFileSync(first.outputs['document'] ?? '', 'utf8')).toContain('### Backhaul plan')
  expect(new Set(github.requests.map(({ authorization }) => authorization))).toEqual(
    new Set(['Bearer token-of-the-job']),
  )

  await project.sql("insert into people values (3, 'edsger@shop.example', 'Edsger')")
  expect(await inProject(project, { event: opened, apiUrl: github.url })).toMatchObject({
    exitCode: 0,
  })
  expect(github.comments).toHaveLength(1)
  expect(comment?.body).toContain('firstname: "Edsger"')
})

/** Lines of a log that the runner takes as commands. */
function commandsOf(log: string): readonly string[] {
  let pause: string | undefined
  return log.split(/\r\n|\n|\r/).flatMap((line) => {
    const [, token] = /^::stop-commands::(.+)$/.exec(line) ?? []
    if (pause !== undefined) {
      if (line === `::${pause}::`) pause = undefined
      return []
    }
    pause = token
    return token === undefined && /^\s*::|##\[/.test(line) ? [line.trim()] : []
  })
}

test('a fork may write no comment: the plan is in the summary, and no row gives the runner a command', async () => {
  const sandbox = await strictSandbox()
  const table =
    "create table people as select chr(10) || '::error::a' as id, 'a@shop.example' as email, 'Ada' as first_name"
  const project = await smallShop({ sandbox, tables: [table] })
  const github = await fakeGithub()
  github.refusal = 403
  const { exitCode, log, summary } = await inProject(project, { event: opened, apiUrl: github.url })
  expect(exitCode, log).toBe(0)
  expect(summary).toContain('### Backhaul plan')
  expect(log).toMatch(/^::warning title=Backhaul::The plan is in the summary.*with 403/m)
  expect(log).toContain('::error::a')
  expect(commandsOf(log)).toEqual([expect.stringMatching(/^::warning title=Backhaul::The plan is/)])
  expect(log).not.toContain('token-of-the-job')
})

test('a plan that fails tells why on the pull request, and no input is a command to the shell', async () => {
  const project = await smallShop()
  const github = await fakeGithub()
  const inputs = { select: '$(touch hacked) `touch hacked`;', target: '"; touch hacked' }
  const { exitCode, outputs } = await inProject(project, {
    event: opened,
    apiUrl: github.url,
    inputs,
  })
  expect(exitCode).toBe(1)
  expect(outputs['exit-code']).toBe('1')
  expect(github.comments[0]?.body).toContain('**There is no plan: CONFIGURATION**')
  expect(existsSync(join(project.dir, 'hacked'))).toBe(false)
})

test('a push runs, with a summary and the exit code of run', async () => {
  const sandbox = await strictSandbox()
  const tables = [people('Ada', 'Grace'), 'update people set id = null where id = 2']
  const project = await smallShop({ sandbox, tables })
  const { exitCode, summary, log, outputs, npm } = await inProject(project)
  expect(exitCode, log).toBe(1)
  expect(log).toContain('START sync contacts')
  expect(summary).toMatch(
    /\| contacts \| contacts \| ⚠️ partial: .+ \| 1 created, 1 rejected \| 1 \|/,
  )
  expect(outputs['document']).toMatch(/run\.json$/)
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  expect(npm.at(-1)).toBe(`backhaul@${version}`)
})

test('what a run rejects is shown at the YAML of its sync, and no name, row or answer is a command', async () => {
  const sandbox = await strictSandbox()
  const tables = [
    people('Ada', 'Grace', 'Edsger'),
    'update people set id = null where id = 2',
    "update people set email = chr(10) || '::error::b ##[error]c' where id = 3",
  ]
  const project = await smallShop({ sandbox, tables })
  const env = { GITHUB_WORKSPACE: join(project.dir, '..') }
  const { log } = await inProject(project, { env, inputs: { args: '--debug-requests' } })
  const file = `${project.dir.split('/').at(-1)}/models/schema.yml`
  expect(commandsOf(log)).toEqual([
    expect.stringMatching(/^::group::\d\d:\d\d:\d\d {2}2 rejected rows of sync contacts:$/),
    '::endgroup::',
    expect.stringMatching(
      `^::error file=${file},line=\\d+,col=\\d+,title=Sync contacts%3A 1 row rejected%2C \\w+::.+$`,
    ),
    expect.stringMatching(
      `^::error file=${file},line=\\d+,col=\\d+,title=Sync contacts%3A 1 row rejected%2C \\w+::.+$`,
    ),
  ])
})

test('a version can be chosen, or built from the action itself', async () => {
  const project = await smallShop()
  const chosen = await inProject(project, { inputs: { version: '1.2.3', command: 'ls' } })
  expect(chosen.npm.at(-1)).toBe('backhaul@1.2.3')
  expect(chosen.log).toContain('contacts')
  const source = await inProject(project, {
    inputs: { version: 'source', command: 'ls', args: '--no-such-option' },
  })
  expect(source.exitCode).toBe(2)
  expect(source.npm).toContain('pack')
  expect(source.npm.at(-1)).toMatch(/^backhaul@file:.*\/backhaul-9\.9\.9\.tgz$/)
})

test('a job that is cancelled lets the run finish what is under way', async () => {
  const sandbox = await strictSandbox({ latencyMs: 500 })
  const names = Array.from({ length: 500 }, (_, index) => `Name${index}`)
  const project = await smallShop({ sandbox, tables: [people(...names)] })
  let isKilled = false
  const { exitCode, log } = await inProject(project, {
    watch: (text, kill) => {
      if (isKilled || !text.includes('START sync')) return
      isKilled = true
      kill('SIGTERM')
    },
  })
  expect(exitCode, log).toBe(2)
  expect(log).toContain('Interrupted: finishing what is under way')
  expect(await project.rows('select * from leases')).toEqual([])
})
