import { readFileSync } from 'node:fs'
import { UserError } from '../../errors.ts'
import { parseFault } from '../../sandbox/fault-text.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { SandboxUsageError } from '../../sandbox/usage-error.ts'
import type { Io } from '../command-line/io.ts'
import { type Arguments, argumentList } from '../command-line/option.ts'
import { placeOfBreak } from '../json-place.ts'

type Tier = 'starter' | 'professional' | 'enterprise' | 'unlimited'

/** Starts a local HubSpot and serves until Ctrl-C. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const faults = argumentList(args['fault']).map(faultOf)
  const sandbox = await startSandbox({
    port: Number(args['port']),
    ...(typeof args['host'] === 'string' ? { host: args['host'] } : {}),
    tier: String(args['tier']) as Tier,
    latencyMs: Number(args['latency']),
    seed: Number(args['seed']),
    quirks: { searchLagMs: Number(args['search-delay']) },
    faults,
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
      throw new UserError(
        {
          message: `This machine has no address ${args['host']}`,
          hint: 'For example --host 127.0.0.1, or 0.0.0.0 for all of its addresses.',
        },
        { cause: error, exitCode: 2 },
      )
    }
    if (error.code !== 'EADDRINUSE') throw error
    throw new UserError(
      {
        message: `Port ${args['port']} is taken`,
        hint: 'Choose another with --port, or 0 for a free one.',
      },
      { cause: error },
    )
  })
  try {
    if (typeof args['properties'] === 'string') createProperties(sandbox, args['properties'])
    argumentList(args['owner']).forEach(sandbox.defineOwner)
    for (const text of argumentList(args['label'])) createLabel(sandbox, text)
    io.stdout(`HUBSPOT_BASE_URL=${sandbox.url}\nHUBSPOT_ACCESS_TOKEN=${sandbox.token}\n`)
    io.stderr(
      `A local HubSpot listens (portal ${sandbox.portalId}). Set the two variables above and run backhaul; Ctrl-C ends it and forgets everything.\n`,
    )
    await new Promise<void>((resolve) => io.onInterrupt(resolve, resolve))
    return 0
  } finally {
    await sandbox.close()
  }
}

const faultHint = 'For example --fault status:503:every=10 or --fault reset_after:nth=3'

const faultOf = (text: string) =>
  inUsersWords(
    () => parseFault(text),
    (message) => `--fault ${message}`,
    faultHint,
  )

/** Makes a label of associations: `FROM:TO:LABEL`, or with what it is called from the other object behind it. */
export function createLabel(sandbox: Pick<Sandbox, 'defineLabel'>, text: string): void {
  const [from = '', to = '', label = '', inverseLabel] = text.split(':')
  inUsersWords(
    () => {
      if ([from, to, label].includes('')) throw new SandboxUsageError('names no label')
      const names = { label, ...(inverseLabel === undefined ? {} : { inverseLabel }) }
      sandbox.defineLabel(from, to, names)
    },
    (message) => `--label ${text}: ${message}`,
    'For example --label "contacts:companies:Decision maker"',
  )
}

const propertiesForm =
  'Its form: {"contacts": [{"name": "plan", "label": "Plan", "type": "string", "fieldType": "text"}]}'

/** Creates the properties of a file: `{contacts: [{name, label, type, fieldType, …}], …}`. */
export function createProperties(sandbox: Pick<Sandbox, 'defineProperties'>, path: string): void {
  const definitions = readDefinitions(path)
  inUsersWords(
    () => sandbox.defineProperties(definitions),
    (message) => `${path}: ${message}`,
    propertiesForm,
  )
}

/** What the sandbox cannot do, as a mistake of whoever asked. */
function inUsersWords<T>(work: () => T, told: (message: string) => string, hint: string): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof SandboxUsageError)) throw error
    throw new UserError({ message: told(error.message), hint }, { cause: error, exitCode: 2 })
  }
}

type Definitions = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>

function readDefinitions(path: string): Definitions {
  const text = readText(path)
  const refuse = (message: string, at: { line?: number; column?: number }, cause?: unknown) =>
    new UserError(
      { message, where: { file: path, ...at }, hint: propertiesForm },
      { cause, exitCode: 2 },
    )
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw refuse('is no valid JSON from here on', placeOfBreak(text), error)
  }
  const isForm =
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every(
      (list) =>
        Array.isArray(list) && list.every((entry) => typeof entry === 'object' && entry !== null),
    )
  if (!isForm || Array.isArray(value)) throw refuse('is no list of properties per object', {})
  return value as Definitions
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const message = isMissing ? `There is no file ${path}` : `${path} cannot be read`
    const hint = isMissing
      ? 'A path is relative to the folder the command runs in.'
      : propertiesForm
    throw new UserError({ message, hint }, { cause: error, exitCode: 2 })
  }
}
