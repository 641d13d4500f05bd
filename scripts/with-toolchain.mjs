// node scripts/with-toolchain.mjs [--build] [SCRIPT [ARGUMENTS…]]
// Installs what is missing, compiles with --build where needed, then runs SCRIPT with the project's own Node.js.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from './process.mjs'
import { ensureBuild, ensurePackages, findNode, SetUpError, toolEnv } from './toolchain.mjs'

async function main() {
  const args = process.argv.slice(2)
  const wantsBuild = args[0] === '--build'
  const [script, ...rest] = wantsBuild ? args.slice(1) : args
  await ensurePackages()
  const node = findNode()
  const env = toolEnv(node)
  process.env['PATH'] = env.PATH
  if (wantsBuild) await ensureBuild()
  if (script === undefined) return
  const child = spawn(node, [join(root, script), ...rest], { env, stdio: 'inherit' })
  // The terminal sends Ctrl-C to the child too: wait for how it ends.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.on(signal, () => {
      if (signal === 'SIGTERM') child.kill(signal)
    })
  }
  child.on('close', (code) => {
    process.exitCode = code ?? 1
  })
}

main().catch((error) => {
  if (!(error instanceof SetUpError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
})
