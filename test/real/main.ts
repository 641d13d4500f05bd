// npm run test:real: choice.ts has the command line, docs/testing-on-a-real-warehouse.md the rest.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UserError, WarehouseError } from '../../src/errors.ts'
import { openSchemas, type Schemas, spelled } from '../support/schemas.ts'
import { type Choice, readChoice, usage } from './choice.ts'
import { type DropRequest, dropSchemas, isOfTests, namePrefix } from './clean-up.ts'
import { engineFacts } from './engine-facts.ts'
import { type Login, readLogin } from './login.ts'
import { reportText } from './report.ts'
import { type Outcome, type RunningTests, startTests } from './tests.ts'

/** As shells say of a process that Ctrl-C ended. */
const interruptedCode = 130

/** Blots out what must not be printed, as soon as it is known. */
let hide = (text: string): string => text
const say = (text = '') => void process.stdout.write(`${hide(text)}\n`)
const complain = (text: string) => void process.stderr.write(`${hide(text)}\n`)

async function main(): Promise<number> {
  const choice = readChoice(process.argv.slice(2))
  if (choice === 'help') {
    say(usage)
    return 0
  }
  // npm starts its scripts in the repository, wherever the user is.
  const cwd = process.env['INIT_CWD'] ?? process.cwd()
  const login = readLogin(choice, cwd, process.env)
  hide = login.hide
  if (choice.dropsLeftovers) {
    return cleanUp({ engine: choice.engine, settings: login.settings, isOurs: isOfTests })
  }
  return testAccount(choice, login, cwd)
}

/** One run: what may go wrong is found out first, and what was made is dropped whatever happens. */
async function testAccount(choice: Choice, { settings }: Login, cwd: string): Promise<number> {
  const { engine } = choice
  const prefix = `${namePrefix}${randomBytes(4).toString('hex')}_`
  const application = prefix.slice(0, -1)
  const filters = [...choice.files, ...(choice.pattern === undefined ? [] : ['-t', choice.pattern])]
  const startMs = Date.now()
  let tests: RunningTests | undefined
  const interrupts = onInterrupt(
    () => {
      say('\nStopping. What this run has made is dropped then; a second Ctrl-C leaves it there.')
      tests?.stop()
    },
    () => {
      complain(`Not everything was dropped. ${howToDropLater(engine)}`)
      process.exit(interruptedCode)
    },
  )
  const engineVersion = await tryLogin(choice, settings, prefix)
  if (interrupts.count > 0) return interruptedCode
  announce(choice, prefix, filters.length === 0)
  const folder = mkdtempSync(join(tmpdir(), 'backhaul-real-'))
  let outcome: Outcome | undefined
  let code = 1
  try {
    tests = startTests({ choice, cwd, prefix, application }, folder, filters)
    outcome = await tests.finished
    code = outcome.code
  } finally {
    rmSync(folder, { recursive: true, force: true })
    const isOurs = (name: string) => name.toLowerCase().startsWith(prefix)
    const left = await cleanUp({ engine, settings, isOurs, application })
    code = Math.max(code, left)
  }
  if (interrupts.count > 0) return interruptedCode
  if (outcome === undefined) return code
  const seconds = Math.round((Date.now() - startMs) / 1000)
  say(`\nTo report:\n${await reportText({ engine, engineVersion, filters, outcome, seconds })}`)
  return code
}

/**
 * Shows that the login can do what the tests need, by making a schema and dropping it.
 *
 * @returns the engine's version
 */
async function tryLogin(
  { engine }: Choice,
  settings: Login['settings'],
  prefix: string,
): Promise<string | undefined> {
  const { versionQuery } = engineFacts[engine]
  const schemas = await openSchemas(engine, settings)
  try {
    say(schemas.description)
    const name = spelled(engine, `${prefix}login`)
    await createFirst(engine, settings, schemas, name)
    await schemas.drop(name)
    return versionQuery === undefined ? undefined : String(await schemas.ask(versionQuery))
  } finally {
    await schemas.close()
  }
}

async function createFirst(
  engine: Choice['engine'],
  settings: Login['settings'],
  schemas: Schemas,
  name: string,
): Promise<void> {
  try {
    await schemas.create(name)
  } catch (error) {
    if (!(error instanceof WarehouseError) || error.disposition !== 'terminal') throw error
    const { schema, grant } = engineFacts[engine]
    throw new UserError(
      {
        message: `The login cannot make a ${schema}, so nothing was made: ${error.message}`,
        hint: `Have someone who may run this:\n${grant(settings)}`,
      },
      { cause: error },
    )
  }
}

/** What is going to happen, and what it costs. */
function announce({ engine }: Choice, prefix: string, isWhole: boolean): void {
  const { schema, statements, duration, cost } = engineFacts[engine]
  say(
    `Every ${schema} that is made is called ${spelled(engine, prefix)}…, and is dropped at the end.`,
  )
  say(
    `${isWhole ? 'All tests' : 'Some of the tests; all of them'} come to about ${statements.toLocaleString('en-US')} statements, ${duration}, ${cost}.`,
  )
  say(`Ctrl-C stops and drops, too. If this process is killed: ${howToDropLater(engine)}\n`)
}

const howToDropLater = (engine: string) =>
  `Run \`npm run test:real -- ${engine} --drop-leftovers\` with the same profile.`

/** @returns the exit code that it calls for */
async function cleanUp(request: DropRequest): Promise<number> {
  const { schema } = engineFacts[request.engine]
  try {
    const { dropped, left } = await dropSchemas(request)
    for (const name of dropped) say(`Dropped ${schema} ${name}`)
    for (const { statement, error } of left) {
      complain(`Not dropped: ${error.message}\n    Run it yourself: ${statement}`)
    }
    if (left.length === 0)
      say(
        `No ${schema} of ${request.application === undefined ? 'these tests' : 'this run'} is left.`,
      )
    return left.length === 0 ? 0 : 1
  } catch (error) {
    complain(`Dropping what was made failed. ${howToDropLater(request.engine)}`)
    complain(textOf(error))
    return 1
  }
}

function onInterrupt(first: () => void, second: () => void): { readonly count: number } {
  const interrupts = { count: 0 }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      interrupts.count += 1
      if (interrupts.count === 1) first()
      else second()
    })
  }
  return interrupts
}

function textOf(error: unknown): string {
  if (error instanceof UserError) return `Error: ${error.message}`
  if (error instanceof WarehouseError) {
    return `Error: ${error.message}${error.hint === undefined ? '' : `\n    ${error.hint}`}`
  }
  return String(error instanceof Error ? error.stack : error)
}

try {
  process.exitCode = await main()
} catch (error) {
  complain(textOf(error))
  process.exitCode = error instanceof UserError ? error.exitCode : 1
}
