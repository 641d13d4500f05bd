import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCli } from '../support/cli.ts'
import { messageOf } from '../support/cli-message.ts'
import type { TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { smallShop, writeTo } from '../support/small-shop.ts'

/** Files as editors, shells, full disks and other tools leave them. */

const yamlFiles = ['dbt_project.yml', 'profiles.yml', 'backhaul.yml']

function rewrite(
  project: TestProject,
  paths: readonly string[],
  change: (text: string) => string | Buffer,
) {
  for (const path of paths) {
    const file = join(project.dir, path)
    writeFileSync(file, change(readFileSync(file, 'utf8')))
  }
}

test('a byte order mark and Windows line ends in every file', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  const artifacts = ['target/manifest.json', 'target/run_results.json', 'models/schema.yml']
  rewrite(project, [...yamlFiles, ...artifacts], (text) => `\ufeff${text.replaceAll('\n', '\r\n')}`)
  writeTo(project, '.env', `\ufeffHUBSPOT_ACCESS_TOKEN='${sandbox.token}'\r\nOTHER=1\r\n`)
  const { HUBSPOT_ACCESS_TOKEN: _, ...env } = project.env
  const result = await runCli(['run'], { cwd: project.dir, env })
  expect(result.exitCode, result.stderr).toBe(0)
})

test('UTF-16, as PowerShell writes it', async () => {
  const project = await smallShop()
  rewrite(project, ['backhaul.yml'], (text) => Buffer.from(`\ufeff${text}`, 'utf16le'))
  expect(messageOf(await project.run(['ls']), project)).toMatchInlineSnapshot(`
    "exit 1
    Error: <project>/backhaul.yml: is written in UTF-16
        Save it as UTF-8. (\`>\` of Windows PowerShell writes UTF-16.)"
  `)
})

test('a folder whose name is .env', async () => {
  const project = await smallShop()
  writeTo(project, '.env/bin/activate', '')
  expect((await project.run(['ls'])).exitCode).toBe(0)
})

test('a key that is there twice', async () => {
  const project = await smallShop()
  writeTo(
    project,
    'backhaul.yml',
    'targets: {prod: {portal_id: 1}}\nschema: crm\ntargets: [prod]\n',
  )
  expect(messageOf(await project.run(['ls']), project)).toMatchInlineSnapshot(`
    "exit 1
    Error: <project>/backhaul.yml:3:1: is no valid YAML: a key stands twice"
  `)
})

test('anchors and merge keys', async () => {
  const project = await smallShop()
  writeTo(
    project,
    'backhaul.yml',
    'hubspot: &all {concurrency: 2}\ntargets:\n  dev: {<<: *all, portal_id: 4242424}\n',
  )
  expect((await project.run(['ls'])).exitCode).toBe(0)
})

test('an alias without its anchor', async () => {
  const project = await smallShop()
  writeTo(project, 'backhaul.yml', 'version: 1\nhubspot: *all\n')
  expect(messageOf(await project.run(['ls']), project)).toMatchInlineSnapshot(`
    "exit 1
    Error: <project>/backhaul.yml:2:10: is no valid YAML: Unresolved alias (the anchor must be set before the alias)"
  `)
})

test('an alias inside of itself', async () => {
  const project = await smallShop()
  writeTo(project, 'backhaul.yml', 'hubspot: &all\n  <<: *all\n')
  expect(messageOf(await project.run(['ls']), project)).toMatchInlineSnapshot(`
    "exit 1
    Error: <project>/backhaul.yml: is no valid YAML: Excessive alias count indicates a resource exhaustion attack"
  `)
})

test('brackets without an end', async () => {
  const project = await smallShop()
  writeTo(project, 'backhaul.yml', '['.repeat(20_000))
  const { exitCode, stderr } = await project.run(['ls'])
  expect(exitCode).toBe(1)
  expect(stderr.length).toBeLessThan(1000)
})

test('an empty manifest', async () => {
  const project = await smallShop()
  writeTo(project, 'target/manifest.json', '')
  expect(messageOf(await project.run(['plan']), project)).toMatchInlineSnapshot(`
    "exit 1
    Error: <project>/target/manifest.json: The dbt manifest is damaged or was not written to its end (Unexpected end of JSON input)
        Run \`dbt parse\` to write it again, and do not run dbt in the same target folder at the same time."
  `)
})

test('results of a build that were cut off hold everything, until the gate is off', async () => {
  const project = await smallShop({ sandbox: await strictSandbox() })
  rewrite(project, ['target/run_results.json'], (text) => text.slice(0, 300))
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Error: <project>/target/run_results.json: The file is damaged or was not written to its end
        Run \`dbt build\` again, or go without its results: --gate off."
  `)
  expect((await project.run(['run', '--gate', 'off'])).exitCode).toBe(0)
})

test('a target folder that cannot be written to costs the local files only', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  writeTo(project, 'target/backhaul', 'no folder')
  const result = await project.run(['run'])
  expect(result.exitCode, result.stderr).toBe(0)
  expect(result.stderr).toMatch(/spool cannot be written.*ENOTDIR|spool cannot be written.*EEXIST/)
  expect(result.stderr).toMatch(/run_results\.json cannot be written/)
  const rows = await project.state('contacts')
  expect(rows.map((row) => row['status'])).toEqual(['succeeded', 'succeeded'])
  expect((await project.run(['run'])).exitCode).toBe(0)
  expect(sandbox.writeCalls()).toBe(1)
})

test('a kill without a spool is recovered from by looking', async () => {
  const sandbox = await strictSandbox()
  const settings = { lease_seconds: 10, hubspot: { request_timeout_seconds: 1 } }
  const project = await smallShop({ sandbox, settings })
  writeTo(project, 'target/backhaul', 'no folder')
  const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: 'result-spooled' })
  expect(killed.signal).toBe('SIGKILL')
  const next = await project.run(['run'])
  expect(next.exitCode, next.stderr).toBe(0)
  const rows = await project.state('contacts')
  expect(rows.map((row) => row['status'])).toEqual(['succeeded', 'succeeded'])
})

test('a path with spaces, quotes and signs of other languages', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  const dir = `${project.dir} größe's "☃" $x`
  cpSync(project.dir, dir, { recursive: true })
  try {
    const args = ['run', '--project-dir', dir, '--profiles-dir', dir]
    const result = await runCli(args, { env: project.env })
    expect(result.exitCode, result.stderr).toBe(0)
    expect(sandbox.writeCalls()).toBe(1)
  } finally {
    rmSync(dir, { recursive: true })
  }
})

const withoutToken = { HUBSPOT_ACCESS_TOKEN: '' }
const tokenCommand = (project: TestProject, command: unknown) =>
  writeTo(project, 'backhaul.yml', JSON.stringify({ hubspot: { token_command: command } }))

test('a token_command that prints the token with a Windows line end', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  tokenCommand(project, ['printf', `${sandbox.token}\\r\\n`])
  const result = await project.run(['run'], withoutToken)
  expect(result.exitCode, result.stderr).toBe(0)
})

test.each([
  ['false', /`token_command` failed: its program ended with exit code 1/],
  ['true', /must print the token and nothing else; it printed nothing/],
  ['no-such-program-here x', /names a program that is not there/],
  [['sh', '-c', 'kill -9 $$'], /was ended by SIGKILL/],
])('a token_command %j', async (command, message) => {
  const project = await smallShop({ sandbox: await strictSandbox() })
  tokenCommand(project, command)
  const result = await project.run(['run'], withoutToken)
  expect(result.exitCode).toBe(1)
  expect(result.stderr).toMatch(message)
})
