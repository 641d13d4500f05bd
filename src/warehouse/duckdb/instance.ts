import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { quoteStandard } from '../knex-compiler.ts'
import type { OpenOptions } from '../open.ts'
import { textSetting } from '../settings.ts'
import { Turns } from '../turns.ts'
import type { Connection } from '../warehouse.ts'
import { duckdbError, isLockConflict } from './errors.ts'
import type { Attachment, Place } from './place.ts'

/** Time for a build or another run to let go of a file: 24 × 250 ms. */
const lockAttempts = 24
const lockPauseMs = 250

/**
 * Bytes. A plan of 300 properties, whatever its rows, takes 1.3 GB where it may: each step of each expression has a vector of 2,048 cells.
 * Half of a small machine is left to dbt and to Node.
 */
const defaultMemoryLimit = Math.min(2e9, Math.floor(totalmem() / 2))

/**
 * What the engine frees goes back to the system at once. By default its allocator keeps it for ten seconds and more while
 * other threads take new memory: a run of 1,000,000 changed rows peaked at 654 MB instead of 570 to 590 MB, 3 % faster
 * (`npm run bench:memory`, 2 cores).
 */
const allocator = {
  allocator_background_threads: 'true',
  allocator_flush_threshold: '1MB',
  allocator_bulk_deallocation_flush_threshold: '1MB',
}

/**
 * One open state file, shared by all sessions of this process: two instances of one file in one process would not see each
 * other's locks. Counts its sessions, and the snapshots that need the user's files.
 */
export class SharedInstance {
  readonly place: Place
  readonly instance: DuckDBInstance
  readonly #turns = new Turns()
  #sessions = 0
  #snapshots = 0
  #attached: readonly Attachment[] = []
  readonly #isNew: boolean

  /** @param isNew the state file did not exist before */
  constructor(place: Place, instance: DuckDBInstance, isNew: boolean) {
    this.place = place
    this.instance = instance
    this.#isNew = isNew
  }

  async connect(): Promise<DuckDBConnection> {
    const connection = await this.instance.connect()
    this.#sessions++
    return connection
  }

  /**
   * Gives up one session; with the last one the file is closed and its lock is gone. A file that was made for it and
   * in which nothing was stored is removed again.
   */
  async disconnect(connection: DuckDBConnection): Promise<void> {
    this.#sessions--
    if (this.#sessions > 0) return connection.closeSync()
    const isUnused = this.#isNew && (await isEmpty(connection))
    connection.closeSync()
    instances.delete(this.place.stateFile)
    this.instance.closeSync()
    if (!isUnused) return
    for (const end of ['', '.wal']) await rm(`${this.place.stateFile}${end}`, { force: true })
  }

  /** Opens the user's files, read-only, for the first that needs them. */
  attach(options: OpenOptions): Promise<void> {
    return this.#turns.take(async () => {
      if (this.#snapshots === 0) this.#attached = await attachAll(this, options)
      this.#snapshots++
    })
  }

  /** Closes them after the last: their locks are gone, and dbt can write. */
  detach(): Promise<void> {
    return this.#turns.take(async () => {
      this.#snapshots--
      if (this.#snapshots > 0) return
      await this.once(async (connection) => {
        for (const { alias } of this.#attached) {
          await connection.run(`detach database if exists ${quoteStandard(alias)}`)
        }
      }).catch((error: unknown) => {
        throw duckdbError(error, `Closing ${this.place.userFile}`)
      })
      this.#attached = []
    })
  }

  /** A connection for one thing, outside of any transaction. */
  async once<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.instance.connect()
    try {
      return await work(connection)
    } finally {
      connection.closeSync()
    }
  }
}

/** True when the state file holds no table. */
async function isEmpty(connection: DuckDBConnection): Promise<boolean> {
  const tables = await connection
    .runAndReadAll('select 1 from duckdb_tables() where database_name = current_database() limit 1')
    .catch(() => undefined)
  return tables?.currentRowCount === 0
}

const instances = new Map<string, Promise<SharedInstance>>()

/** The instance of this state file; opened when this process has none yet. */
export async function shareInstance(
  place: Place,
  connection: Connection,
  options: OpenOptions,
): Promise<SharedInstance> {
  const open = instances.get(place.stateFile) ?? openInstance(place, connection, options)
  instances.set(place.stateFile, open)
  return open.catch((error: unknown) => {
    instances.delete(place.stateFile)
    throw error
  })
}

async function openInstance(
  place: Place,
  connection: Connection,
  options: OpenOptions,
): Promise<SharedInstance> {
  const profile = connection.settings['settings']
  const settings = typeof profile === 'object' && profile !== null ? profile : {}
  const config = {
    memory_limit:
      options.memoryLimit ??
      textSetting(settings as Readonly<Record<string, unknown>>, 'memory_limit') ??
      `${defaultMemoryLimit}B`,
    temp_directory: `${place.stateFile}.tmp`,
    autoinstall_known_extensions: 'false',
    ...allocator,
  }
  const isNew = !existsSync(place.stateFile)
  // Nothing has run there yet: a database in memory holds as much.
  if (place.isReadOnly && isNew)
    return new SharedInstance(place, await DuckDBInstance.create(':memory:', config), false)
  const access = place.isReadOnly ? { access_mode: 'READ_ONLY' } : {}
  const instance = await whenUnlocked(options, place.stateFile, () =>
    DuckDBInstance.fromCache(place.stateFile, { ...config, ...access }),
  )
  return new SharedInstance(place, instance, isNew)
}

async function attachAll(
  shared: SharedInstance,
  options: OpenOptions,
): Promise<readonly Attachment[]> {
  return shared.once(async (connection) => {
    const attached: Attachment[] = []
    try {
      for (const attachment of shared.place.attachments) {
        try {
          await whenUnlocked(options, attachment.path, () => connection.run(attachment.sql))
          attached.push(attachment)
        } catch (error) {
          // A model that needs it fails by its name; the others do not need it.
          if (attachment.isMain) throw error
          options.log.warn('A database of the profile cannot be attached', {
            alias: attachment.alias,
            reason: error instanceof Error ? error.message : String(error),
          })
        }
      }
      return attached
    } catch (error) {
      for (const { alias } of attached) {
        await connection.run(`detach database if exists ${quoteStandard(alias)}`)
      }
      throw error
    }
  })
}

/** Opens a file; repeats what fails because another process holds the file. */
async function whenUnlocked<T>(
  options: OpenOptions,
  path: string,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!isLockConflict(error) || attempt >= lockAttempts || options.signal.aborted) {
        throw duckdbError(error, `Opening ${path}`)
      }
      if (attempt === 1) options.log.info(`Waiting for another process to close ${path}`)
      await sleep(lockPauseMs, undefined, { signal: options.signal }).catch(() => undefined)
    }
  }
}
