// What checks action.yml, the Dockerfile and examples/ci: JSON Schemas of the CI services, hadolint and ShellCheck from one virtual
// environment, .cache/ci-files-1, and actionlint where there is Go.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { lastLines, root, run, withLock } from './process.mjs'
import { ensureEnvironment } from './python-environment.mjs'

/**
 * Installs the checks on the first call, finds them on later ones.
 *
 * @returns {Promise<{ available: true, bin: string } | { available: false, reason: string }>} folder of the programs
 */
export async function ensureCiChecks() {
  const found = await ensureEnvironment({
    name: 'ci-files-1',
    label: 'checks of files for CI',
    requirements: 'requirements-ci-files.txt',
    program: 'check-jsonschema',
    oldestPython: [3, 10],
  })
  return found.available ? { available: true, bin: join(found.path, '..') } : found
}

const actionlint = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12'

/** @returns {Promise<{ available: true, path: string } | { available: false, reason: string }>} path of the program */
export async function ensureActionlint() {
  const home = join(root, '.cache', 'actionlint-1.7')
  const path = join(home, 'actionlint')
  if (existsSync(path)) return { available: true, path }
  return withLock(`${home}.lock`, async () => {
    if (existsSync(path)) return { available: true, path }
    const env = { ...process.env, GOBIN: home }
    const { code, output } = await run('go', ['install', actionlint], { env })
    return code === 0
      ? { available: true, path }
      : { available: false, reason: `actionlint needs Go: ${lastLines(output)}` }
  })
}
