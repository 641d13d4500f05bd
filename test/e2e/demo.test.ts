import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { root, run } from '../../scripts/process.mjs'
import { runCli, startCli } from '../support/cli.ts'
import { dbtProgram } from '../support/example-project.ts'

test('npm run demo tells the story with real dbt and leaves nothing behind', async (context) => {
  const program = await dbtProgram()
  if (program === undefined) return context.skip('no dbt')
  const TMPDIR = ownFolder()
  const { code, output } = await run(process.execPath, [join(root, 'scripts', 'demo.mjs')], {
    cwd: root,
    env: { ...process.env, TMPDIR, BACKHAUL_DBT: program },
  })
  expect(code, output).toBe(0)
  expect(output).toMatch(/\$ dbt build\n.*Running with dbt=1\./)
  expectStory(output)
  expect(readdirSync(TMPDIR)).toEqual([])
})

test('without dbt the demo builds from the artifacts and says so', async () => {
  const TMPDIR = ownFolder()
  const env = { TMPDIR, BACKHAUL_DBT: 'none' }
  const report = join(ownFolder(), 'new', 'report.html')
  const { exitCode, stdout, stderr } = await runCli(['demo', '--report', report], { env })
  expect(exitCode, `${stdout}\n${stderr}`).toBe(0)
  expect(stdout).toContain('Not dbt, but the SQL that it compiled')
  expect(stdout).not.toContain('dbt build\n')
  expect(stdout).toMatch(/target\/backhaul\/report\.html: \d+ runs, \d+ changes/)
  expect(stdout).toContain(`Open it: ${report}`)
  expect(readFileSync(report, 'utf8')).toContain('id="payload">{"version":1')
  expectStory(stdout)
  expect(readdirSync(TMPDIR)).toEqual([])
})

test('an interrupted demo ends its commands and leaves nothing behind', async () => {
  const TMPDIR = ownFolder()
  const demo = startCli(['demo'], { env: { TMPDIR, BACKHAUL_DBT: 'none' } })
  await demo.waitFor(/\$ backhaul run/)
  demo.signal('SIGINT')
  expect((await demo.finished).exitCode).toBe(2)
  expect(readdirSync(TMPDIR)).toEqual([])
})

test('a demo whose reader stops early leaves nothing behind', async () => {
  const TMPDIR = ownFolder()
  const env = { ...process.env, TMPDIR, BACKHAUL_DBT: 'none' }
  const program = join(root, 'dist', 'cli', 'main.js')
  const { output } = await run(
    'sh',
    ['-c', '"$0" "$1" demo | head -20', process.execPath, program],
    {
      env,
    },
  )
  expect(output.split('\n').length).toBeLessThan(25)
  expect(readdirSync(TMPDIR)).toEqual([])
})

function expectStory(output: string): void {
  const claims = output.split('\n').filter((line) => /^[✓✗]/.test(line))
  expect(claims).toEqual([
    '✓ HubSpot counted 12 write calls; at most 14 were planned',
    '✓ HubSpot counted 0 write calls, as planned',
    '✓ HubSpot counted 7 write calls; at most 7 were planned',
    '✓ every run made the calls that it planned',
    '✓ the last run sent what was edited and nothing else: 7 rows, 23 properties',
    '✓ it linked the new contact to the company, and nothing else',
    '✓ HubSpot holds 57 contacts, 24 companies, 40 deals, 153 links, 14 events and a list of 3, written in 19 write calls',
  ])
}

function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'backhaul-demo-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
