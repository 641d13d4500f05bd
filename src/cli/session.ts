import { execFile } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { inOrder, resolveSyncs } from '../config/resolve-syncs.ts'
import { type HubspotDestination, openHubspot } from '../destination/hubspot/open.ts'
import { formatProblem, type Problem, UserError } from '../errors.ts'
import type { LogLevel } from '../log.ts'
import { accessToken } from '../project/access-token.ts'
import { dbtOption } from '../project/environment.ts'
import { type FindOptions, findProject, type Project } from '../project/find-project.ts'
import type { Settings } from '../project/settings.ts'
import type { Ledger } from '../record/ledger.ts'
import { selectSyncs } from '../selection/select-syncs.ts'
import type { Selectable } from '../selection/selectable.ts'
import type { Manifest, RequestRecord, Sleep, Sync } from '../types.ts'
import { openWarehouse } from '../warehouse/open.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { returnFreedMemory } from './duckdb-allocator.ts'
import { dbtFlag, type Io } from './io.ts'
import { createLogger, type EventLogger } from './log-writer.ts'
import type { Arguments } from './option.ts'
import { type Paint, paintFor } from './paint.ts'
import { readSelection, type SelectionSession } from './selection.ts'
import { changedAfter, describeStale } from './stale-manifest.ts'
import { version } from './version.ts'

/** What every command that works on a project starts from. */
export interface Session {
  readonly io: Io
  readonly project: Project
  readonly log: EventLogger
  /** Colours of the log. */
  readonly paint: Paint
  readonly invocationId: string
  /** First Ctrl-C. */
  readonly drain: AbortSignal
  /** Second Ctrl-C. */
  readonly abort: AbortSignal
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** Where to look for the project, by flags and environment. */
export function findOptions(args: Arguments, io: Io): FindOptions {
  return {
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
  }
}

/** Finds project, profile and settings, and sets up the log and Ctrl-C. */
export function openSession(args: Arguments, io: Io): Session {
  const project = findProject(findOptions(args, io))
  return { project, ...openLog(args, io, project) }
}

/** What of a session needs no complete project. */
export function openLog(
  args: Arguments,
  io: Io,
  project: {
    readonly env: Io['env']
    readonly secrets: readonly string[]
    readonly settings?: Settings | undefined
  },
): Omit<Session, 'project'> {
  const token = project.settings?.token
  const secrets = token?.kind === 'token' ? [token.token, ...project.secrets] : project.secrets
  io.hide(secrets)
  const { invocationId } = io
  const choice = logChoice(args, project.env)
  const log = createLogger({
    ...choice,
    write: io.stderr,
    clock: io.clock,
    invocationId,
    pid: io.pid,
    secrets,
  })
  const drain = new AbortController()
  const abort = new AbortController()
  io.onInterrupt(
    () => {
      log.warn('Interrupted: finishing what is under way. Press Ctrl-C again to stop at once.')
      drain.abort()
    },
    () => {
      log.warn('Stopped at once: the next run finishes the books of this one.')
      abort.abort()
    },
  )
  const paint = paintFor(io.logUsesColours && choice.format === 'text')
  return { io, log, paint, invocationId, drain: drain.signal, abort: abort.signal }
}

const levels: readonly (LogLevel | 'none')[] = ['debug', 'info', 'warn', 'error', 'none']

/** Format and level of the log, by flag, then by dbt's variables. */
export function logChoice(args: Arguments, env: Io['env']) {
  const isOn = (name: string, variable: string) => args[name] ?? dbtFlag(env, variable) ?? false
  const format = args['log-format'] ?? dbtOption(env, 'LOG_FORMAT')
  const asked = args['log-level'] ?? dbtOption(env, 'LOG_LEVEL')
  const level = levels.find((known) => known === asked) ?? 'info'
  return {
    format: format === 'json' ? ('json' as const) : ('text' as const),
    level: isOn('quiet', 'QUIET') ? 'error' : isOn('debug', 'DEBUG') ? 'debug' : level,
  } as const
}

export interface LoadedSyncs {
  readonly manifest: Manifest
  /** Every valid sync of the project, disabled ones included. */
  readonly all: readonly Sync[]
  /** Those that were selected and are enabled for the target. */
  readonly selected: readonly Sync[]
  /** Names of the selected syncs that are not valid. */
  readonly invalid: readonly string[]
  /** What is wrong with what was selected, and with the project as a whole. */
  readonly problems: readonly Problem[]
  /** Names of all syncs that the project defines, invalid ones included. */
  readonly definedNames: ReadonlySet<string>
}

/**
 * Reads dbt's manifest and the syncs in it. What is wrong with syncs that are not selected is nobody's business here.
 *
 * @param args of a command that selects; left out, every sync is selected
 */
export async function loadSyncs(
  session: SelectionSession & {
    readonly project: { readonly settings: Pick<Settings, 'syncs'> }
  },
  args?: Arguments,
): Promise<LoadedSyncs> {
  const { project, log } = session
  const { manifest, selection, facts } = await readSelection(session, args)
  warnOfStaleManifest(session, manifest)
  const { syncs: all, attributed } = resolveSyncs(manifest, {
    projectDir: project.projectDir,
    readFile: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
    overrides: project.settings.syncs,
  })
  const enabled = all.filter((sync) => sync.enabled)
  const { syncs: chosen, warnings } = selectSyncs<Selectable>(
    [...enabled, ...attributed.flatMap(({ about }) => about)],
    selection,
    facts,
    all.filter((sync) => !sync.enabled),
  )
  for (const warning of warnings) log.warn(warning)
  const isChosen = new Set<Selectable>(chosen)
  const ofChosen = attributed.filter(
    ({ about }) => about.length === 0 || about.some((one) => isChosen.has(one)),
  )
  const named = ofChosen.flatMap(({ problem, about }) =>
    problem.sync === undefined ? [] : about.filter((one) => isChosen.has(one)),
  )
  const invalid = attributed.flatMap(({ problem }) =>
    [problem.sync, problem.otherSync].filter((name) => name !== undefined),
  )
  return {
    manifest,
    all,
    selected: enabled.filter((sync) => isChosen.has(sync)),
    invalid: [...new Set(named.map(({ name }) => name))],
    problems: inOrder(ofChosen),
    definedNames: new Set([...all.map((sync) => sync.name), ...invalid]),
  }
}

function warnOfStaleManifest(
  { project, log }: Parameters<typeof loadSyncs>[0],
  manifest: Manifest,
): void {
  const changedAtMs = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs
  const stale = describeStale(
    changedAfter(manifest, changedAtMs(project.manifestPath) ?? 0, (path) =>
      changedAtMs(join(project.projectDir, path)),
    ),
  )
  if (stale !== undefined) log.warn(stale)
}

/** Sleeps, and wakes up early with the signal's reason. */
export const sleep: Sleep = async (ms, signal) => {
  await delay(ms, undefined, signal === undefined ? {} : { signal })
}

/** What of a session connecting to the warehouse needs. */
export type WarehouseSession = Pick<Session, 'io' | 'log' | 'abort'> & {
  readonly project: Pick<Project, 'connection' | 'targetName'>
}

/** What of a session connecting to HubSpot needs. */
export type HubspotSession = Pick<Session, 'io' | 'log' | 'abort'> & {
  readonly project: { readonly settings: Settings; readonly env: Io['env'] }
}

/** Connects to the warehouse of the chosen target. */
export function connectWarehouse({
  io,
  log,
  abort,
  project,
}: WarehouseSession): Promise<Warehouse> {
  const memoryLimit = io.env['BACKHAUL_DUCKDB_MEMORY_LIMIT']
  returnFreedMemory()
  return openWarehouse(project.connection, {
    log,
    signal: abort,
    applicationName: `backhaul ${version()}`,
    labels: {
      application: 'backhaul',
      version: version(),
      command: io.command,
      target: project.targetName,
      invocation: io.invocationId,
    },
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
  })
}

/** The backhaul schema of the target. */
export function ledgerOf(
  session: { readonly project: { readonly settings: Settings } },
  warehouse: Warehouse,
): Ledger {
  return {
    warehouse,
    location: {
      database: warehouse.stateDatabase,
      schema: warehouse.dialect.ownName(session.project.settings.schema),
    },
    version: version(),
  }
}

/** A `token_command` that waits for a person is given time; one that hangs must not hang the run. */
const tokenCommandMs = 120_000

export interface Hubspot {
  readonly destination: HubspotDestination
  /** Requests made since the last call, as far as the audit keeps them. */
  takeRequests(): readonly RequestRecord[]
}

/** Opens HubSpot with the token of the target. Makes no request yet. */
export async function connectHubspot(session: HubspotSession): Promise<Hubspot> {
  const { settings } = session.project
  for (const secret of settings.literalSecrets) session.log.warn(formatProblem(secret))
  const run = promisify(execFile)
  const token = await accessToken(settings, async (program, args) => {
    const { stdout } = await run(program, [...args], {
      env: { ...session.project.env },
      timeout: tokenCommandMs,
      signal: session.abort,
    })
    return stdout
  })
  if (typeof token === 'string') session.io.hide([token])
  let buffer: RequestRecord[] = []
  const kept = settings.audit.requests
  const destination = openHubspot({
    token,
    tokenPlace: settings.tokenPlace,
    onToken: (secret) => session.io.hide([secret]),
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
    // Bodies are full of values.
    keepBodies: kept === 'full' && settings.audit.values === 'full',
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

/** Who this process is in a lease: machine, process id and invocation. */
export function holderName(session: Session): string {
  return `${machineName()}/${session.io.pid}/${session.invocationId}`
}

/** Host, and where processes are numbered per container the numbering: a process id says nothing about another's. */
function machineName(): string {
  try {
    const numbering = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0]
    return numbering === undefined ? hostname() : `${hostname()}:${numbering}`
  } catch {
    return hostname()
  }
}

/** True when a lease's holder was a process of this machine that has ended. */
export function isHolderGone(holder: string): boolean {
  const [host, pid] = holder.split('/')
  if (host !== machineName() || pid === undefined) return false
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
