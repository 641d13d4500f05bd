import { setTimeout as sleep } from 'node:timers/promises'
import { openSchemas, type Schemas, type ServedEngine, type Settings } from '../support/schemas.ts'

/** What the name of each schema of each run begins with. */
export const namePrefix = 'backhaul_test_'

/** True for names that these tests make, and for no others: run, schema, and perhaps Backhaul's own beside it. */
export const isOfTests = (name: string): boolean =>
  new RegExp(`^${namePrefix}[0-9a-f]{8}_([0-9a-f]{8}|login)(_backhaul)?$`, 'i').test(name)

/** Looks this often for schemas: a statement that was under way when its session was killed may still make one. */
const rounds = 3
const betweenRoundsMs = 2000

export interface DropRequest {
  readonly engine: ServedEngine
  readonly settings: Settings
  readonly isOurs: (name: string) => boolean
  /** Sessions to end first, by what they are called: they may hold locks. */
  readonly application?: string
}

export interface Dropped {
  readonly dropped: readonly string[]
  /** What could not be dropped, with the statement that does it and why it failed. */
  readonly left: readonly { readonly statement: string; readonly error: Error }[]
}

/** Drops schemas of tests, those that appear meanwhile too. */
export async function dropSchemas({
  engine,
  settings,
  isOurs,
  application,
}: DropRequest): Promise<Dropped> {
  const schemas = await openSchemas(engine, settings)
  try {
    if (application !== undefined) await schemas.endSessions(application)
    const dropped: string[] = []
    for (let round = 1; ; round++) {
      const names = (await schemas.list()).filter((name) => isOurs(name) && isOfTests(name))
      const left = await dropEach(schemas, names, dropped)
      if (names.length === 0 || round === rounds) return { dropped, left }
      await sleep(betweenRoundsMs)
    }
  } finally {
    await schemas.close()
  }
}

async function dropEach(
  schemas: Schemas,
  names: readonly string[],
  dropped: string[],
): Promise<Dropped['left']> {
  const left = []
  for (const name of names) {
    try {
      await schemas.drop(name)
      dropped.push(name)
    } catch (error) {
      left.push({ statement: `${schemas.dropStatement(name)};`, error: error as Error })
    }
  }
  return left
}
