import type { TestProject } from 'vitest/node'
import type {} from '../support/account.ts'
import { type LoginChoice, readLogin } from './login.ts'

/** What main.ts tells the tests, in the variable BACKHAUL_TEST_REAL: no secrets, since the login is read anew. */
export interface Handover {
  readonly choice: LoginChoice
  /** The folder that the user is in. */
  readonly cwd: string
  /** What the names of all schemas of this run begin with. */
  readonly prefix: string
  /** What the sessions of this run are called in the engine's own lists. */
  readonly application: string
}

/** Puts the user's account in the place of the servers that tests start. */
export function setup(project: TestProject): void {
  const { choice, cwd, prefix, application }: Handover = JSON.parse(
    process.env['BACKHAUL_TEST_REAL'] ?? '',
  )
  const { settings } = readLogin(choice, cwd, process.env)
  const tags = { application_name: application, query_tag: application }
  project.provide('realAccount', {
    engine: choice.engine,
    settings: { ...settings, ...tags },
    prefix,
  })
  endWithStarter()
}

/** When main.ts is killed, nothing may go on making schemas: its end of the pipe closes, and the whole group of processes ends. */
function endWithStarter(): void {
  process.stdin.on('end', () => process.kill(-process.pid, 'SIGKILL'))
  process.stdin.resume()
  if ('unref' in process.stdin && typeof process.stdin.unref === 'function') process.stdin.unref()
}
