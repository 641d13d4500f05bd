import { readFileSync } from 'node:fs'
import { UserError } from '../../errors.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { parseFault } from '../fault-option.ts'
import type { Io } from '../io.ts'
import type { Arguments } from '../option.ts'
import { argumentList } from '../session.ts'

type Tier = 'starter' | 'professional' | 'enterprise' | 'unlimited'

/** Starts a local HubSpot and serves until Ctrl-C. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const faults = argumentList(args['fault']).map(parseFault)
  const sandbox = await startSandbox({
    port: Number(args['port']),
    tier: String(args['tier']) as Tier,
    latencyMs: Number(args['latency']),
    seed: Number(args['seed']),
    faults,
  }).catch((error: NodeJS.ErrnoException) => {
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

/** Creates the properties of a file: `{contacts: [{name, label, type, fieldType, …}], …}`. */
export function createProperties(sandbox: Pick<Sandbox, 'createProperty'>, path: string): void {
  const byObject = readDefinitions(path)
  for (const [objectType, definitions] of Object.entries(byObject)) {
    for (const definition of definitions) sandbox.createProperty(objectType, definition)
  }
}

type Definitions = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>

function readDefinitions(path: string): Definitions {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Definitions
  } catch (error) {
    throw new UserError(
      {
        message: `${path} is no readable JSON file of properties`,
        hint: 'Its form: {"contacts": [{"name": "plan", "label": "Plan", "type": "string", "fieldType": "text"}]}',
      },
      { cause: error, exitCode: 2 },
    )
  }
}
