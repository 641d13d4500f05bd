import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openPage } from '../../../../src/cli/report/open-page.ts'

/** A machine whose program for that does what `script` says. */
function machine(script: string) {
  const folder = mkdtempSync(join(tmpdir(), 'backhaul-open-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'xdg-open'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, 'xdg-open'), 0o755)
  const env = { PATH: `${folder}:/usr/bin:/bin`, DISPLAY: ':0', TOLD: join(folder, 'told') }
  return { env, isTerminal: true, told: () => readFileSync(env.TOLD, 'utf8') }
}

test.skipIf(process.platform === 'win32')(
  'a page is given to the browser as it is named',
  async () => {
    const name = "/tmp/a b'$(x).html"
    const here = machine('printf %s "$1" > "$TOLD"')
    expect(await openPage(name, here, 'linux')).toBeUndefined()
    expect(here.told()).toBe(name)
  },
)

test('where there is nobody, no screen or no browser, that is said', async () => {
  const none = machine('exit 3')
  expect(await openPage('/x', { ...none, isTerminal: false }, 'linux')).toContain('no terminal')
  expect(await openPage('/x', { env: {}, isTerminal: true }, 'linux')).toContain('no screen')
  expect(await openPage('/x', none, 'linux')).toBe('xdg-open found no browser')
  const without = { env: { PATH: '/nowhere', DISPLAY: ':0' }, isTerminal: true }
  expect(await openPage('/x', without, 'linux')).toBe('xdg-open does not start (ENOENT)')
})
