#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// Loading is most of what a short command costs. In a folder that only this user writes to: what is in it is run.
enableCompileCache(
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'backhaul', 'compiled'),
)
const { runCli } = await import('./cli.ts')
process.exitCode = await runCli(process.argv.slice(2))
