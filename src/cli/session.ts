import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { resolveSyncs } from '../config/resolve-syncs.ts'
import { selectSyncs } from '../config/select.ts'
import { type HubspotDestination, openHubspot } from '../destination/hubspot/open.ts'
import { type Problem, UserError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { readManifest } from '../manifest/read-manifest.ts'
import { accessToken } from '../project/access-token.ts'
import { findProject, type Project } from '../project/find-project.ts'
import type { Ledger } from '../record/ledger.ts'
import type { Manifest, RequestRecord, Sleep, Sync } from '../types.ts'
import { openWarehouse } from '../warehouse/open.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { Arguments } from './commands.ts'
import type { Io } from './io.ts'
import { createLogger } from './log-writer.ts'
import { version } from './version.ts'

/** What every command that works on a project starts from. */
export interface Session {
  readonly io: Io
  readonly project: Project
  readonly log: Logger
  readonly invocationId: string
  /** First Ctrl-C. */
  readonly drain: AbortSignal
  /** Second Ctrl-C. */
  readonly abort: AbortSignal
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const list = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)]

export const argumentList = list

/** Finds project, profile and settings, and sets up the log and Ctrl-C. */
export function openSession(args: Arguments, io: Io): Session {
  const project = findProject({
    cwd: io.cwd,
    env: io.env,
    flags: {
      projectDir: text(args['project-dir']),
      profilesDir: text(args['profiles-dir']),
      profile: text(args['profile']),
      target: text(args['target']),
      targetPath: text(args['target-path']),
      vars: text(args['vars']),
    },
  })
  const { token } = project.settings
  const secrets = token.kind === 'token' ? [token.token, ...project.secrets] : project.secrets
  const invocationId = randomUUID()
  const log = createLogger({
    ...logChoice(args, io),
    write: io.stderr,
    clock: io.clock,
    invocationId,
    secrets,
  })
  const drain = new AbortController()
  const abort = new AbortController()
  io.onInterrupt(
    () => {
      log.warn('Interrupted: finishing what is under way. Press Ctrl-C again to stop at once.')
      drain.abort()
    },
    () => abort.abort(),
  )
  return { io, project, log, invocationId, drain: drain.signal, abort: abort.signal }
}

/** Format and level of the log, by flag, then by dbt's variables. */
export function logChoice(args: Arguments, io: Pick<Io, 'env'>) {
  const asked = text(args['log-format']) ?? io.env['DBT_LOG_FORMAT']
  const isDebug = args['debug'] === true || io.env['DBT_DEBUG'] === 'true'
  const isQuiet = args['quiet'] === true || io.env['DBT_QUIET'] === 'true'
  return {
    format: asked === 'json' ? ('json' as const) : ('text' as const),
    level: isQuiet ? ('error' as const) : isDebug ? ('debug' as const) : ('info' as const),
  }
}

export interface LoadedSyncs {
  readonly manifest: Manifest
  /** Every valid sync of the project, disabled ones included. */
  readonly all: readonly Sync[]
  /** Those that were selected and are enabled for the target. */
  readonly selected: readonly Sync[]
  readonly problems: readonly Problem[]
  /** Names of all syncs that the project defines, invalid ones included. */
  readonly definedNames: ReadonlySet<string>
}

/** Reads dbt's manifest and the syncs in it. */
export async function loadSyncs(session: Session, args: Arguments): Promise<LoadedSyncs> {
  const { project, log } = session
  const manifest = await readManifest(project.manifestPath, { log })
  const { syncs: all, problems } = resolveSyncs(manifest, {
    projectDir: project.projectDir,
    readFile: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
  })
  const isEnabled = (sync: Sync) => project.settings.syncs[sync.name]?.enabled ?? sync.enabled
  const { syncs: selected, warnings } = selectSyncs(all.filter(isEnabled), {
    select: list(args['select']),
    exclude: list(args['exclude']),
  })
  for (const warning of warnings) log.warn(warning)
  const invalid = problems.flatMap((problem) => problem.sync ?? [])
  return {
    manifest,
    all,
    selected,
    problems,
    definedNames: new Set([...all.map((sync) => sync.name), ...invalid]),
  }
}

/** Sleeps, and wakes up early with the signal's reason. */
export const sleep: Sleep = async (ms, signal) => {
  await delay(ms, undefined, signal === undefined ? {} : { signal })
}

/** Connects to the warehouse of the chosen target. */
export function connectWarehouse(session: Session): Promise<Warehouse> {
  const memoryLimit = session.io.env['BACKHAUL_DUCKDB_MEMORY_LIMIT']
  return openWarehouse(session.project.connection, {
    log: session.log,
    signal: session.abort,
    applicationName: `backhaul ${version()}`,
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
  })
}

/** The backhaul schema of the target. */
export function ledgerOf(session: Session, warehouse: Warehouse): Ledger {
  return {
    warehouse,
    location: { database: warehouse.stateDatabase, schema: session.project.settings.schema },
    version: version(),
  }
}

export interface Hubspot {
  readonly destination: HubspotDestination
  /** Requests made since the last call, as far as the audit keeps them. */
  takeRequests(): readonly RequestRecord[]
}

/** Opens HubSpot with the token of the target. Makes no request yet. */
export async function connectHubspot(session: Session): Promise<Hubspot> {
  const { settings } = session.project
  const run = promisify(execFile)
  const token = await accessToken(settings, async (program, args) => {
    const { stdout } = await run(program, [...args], { env: { ...session.io.env } })
    return stdout
  })
  let buffer: RequestRecord[] = []
  const kept = settings.audit.requests
  const destination = openHubspot({
    token,
    baseUrl: settings.baseUrl,
    requestTimeoutMs: settings.requestTimeoutMs,
    concurrency: settings.concurrency,
    ...(settings.requestsPer10Seconds === undefined
      ? {}
      : { requestsPerTenSeconds: settings.requestsPer10Seconds }),
    maxCalls: settings.maxCallsPerRun,
    clock: session.io.clock,
    sleep,
    log: session.log,
    keepBodies: kept === 'full',
    onRequest: (record) => {
      if (kept === 'none' || (kept === 'errors' && record.errorCategory === null)) return
      buffer.push(record)
    },
  })
  return {
    destination,
    takeRequests() {
      const taken = buffer
      buffer = []
      return taken
    },
  }
}

/** Who this process is in a lease: host, process id and invocation. */
export function holderName(session: Session): string {
  return `${hostname()}/${session.io.pid}/${session.invocationId}`
}

/** True when a lease's holder was a process of this machine that has ended. */
export function isHolderGone(holder: string): boolean {
  const [host, pid] = holder.split('/')
  if (host !== hostname() || pid === undefined) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Our own folder below dbt's target folder. */
export const outputFolder = (project: Project): string => join(project.targetPath, 'backhaul')

/** @throws UserError when something that is not one sync's alone is wrong */
export function stopOnGeneralProblems(problems: readonly Problem[]): void {
  const general = problems.filter((problem) => problem.sync === undefined)
  if (general.length > 0) throw new UserError(general)
}
