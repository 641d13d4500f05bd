import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { root } from '../../scripts/process.mjs'
import { runCli } from '../support/cli.ts'
import { messageOf } from '../support/cli-message.ts'

/** A folder that is no dbt project. */
function emptyFolder() {
  const cwd = mkdtempSync(join(tmpdir(), 'backhaul-schema-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  return {
    cwd,
    run: (...args: readonly string[]) => runCli(['schema', ...args], { cwd }),
    read: (path: string) => readFileSync(join(cwd, path), 'utf8'),
  }
}

test('the schema of syncs is printed, the same that the package brings along', async () => {
  const { run } = emptyFolder()
  const expected = readFileSync(join(root, 'schema.json'), 'utf8')
  expect(await run()).toMatchObject({ exitCode: 0, stdout: expected, stderr: '' })
  expect((await run('syncs')).stdout).toBe(expected)
  const settings = JSON.parse((await run('settings')).stdout)
  expect(settings).toMatchObject({ title: 'Backhaul: backhaul.yml', type: 'object' })
  expect(Object.keys(settings.properties)).toContain('targets')
})

test('a file is written, and written over where it is ours', async () => {
  const { cwd, run, read } = emptyFolder()
  const to = ['--output-file', '.vscode/backhaul.schema.json']
  const written = await run(...to)
  expect(written).toMatchObject({ exitCode: 0, stdout: '' })
  expect(messageOf(written)).toMatchInlineSnapshot(`
    "exit 0
    .vscode/backhaul.schema.json is written
    In .vscode/settings.json: "yaml.schemas": {"./.vscode/backhaul.schema.json": ["models/**/*.yml"]}"
  `)
  expect(read('.vscode/backhaul.schema.json')).toBe((await run()).stdout)
  expect((await run(...to)).stderr).toContain('is up to date')
  // Of an older release, say.
  writeFileSync(join(cwd, '.vscode/backhaul.schema.json'), '{"title": "Backhaul: syncs"}')
  expect((await run('settings', ...to)).stderr).toContain('is written')
  expect(JSON.parse(read('.vscode/backhaul.schema.json'))).toHaveProperty('properties.targets')
})

test.each(['{"title": "Settings"}', '{}', 'null', 'no JSON', ''])(
  'a file that holds %j is left alone unless --force is given',
  async (content) => {
    const { cwd, run, read } = emptyFolder()
    writeFileSync(join(cwd, 'a.json'), content)
    const refused = await run('--output-file', 'a.json')
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
    expect(refused.stderr).toContain('a.json: was not written by `backhaul schema`')
    expect(read('a.json')).toBe(content)
    expect(await run('--output-file', 'a.json', '--force')).toMatchObject({ exitCode: 0 })
  },
)

test('what cannot be written, or is not there, is said', async () => {
  const { cwd, run } = emptyFolder()
  mkdirSync(join(cwd, 'folder'))
  expect((await run('--output-file', 'folder')).stderr).toContain('folder: is a folder')
  writeFileSync(join(cwd, 'plain'), 'x')
  const below = await run('--output-file', 'plain/a.json')
  expect(below).toMatchObject({ exitCode: 1 })
  expect(below.stderr).toContain('plain/a.json: cannot be written (')
  const unknown = await run('setings')
  expect(unknown).toMatchObject({ exitCode: 2 })
  expect(unknown.stderr).toContain('did you mean settings?')
})
