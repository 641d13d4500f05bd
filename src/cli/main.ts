#!/usr/bin/env node
import * as nodeModule from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(
    `Backhaul needs Node.js 22.12 or newer; this is ${process.versions.node}. Install a newer one and run the command again.\n`,
  )
  process.exit(2)
}
// Loading is most of what a short command costs. In a folder that only this user writes to: what is in it is run.
nodeModule.enableCompileCache(
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'backhaul', 'compiled'),
)
const { runCli } = await import('./cli.ts')
process.exitCode = await runCli(process.argv.slice(2))
