import { UserError } from '../../errors.ts'
import { type DbtPlatform, openDbtPlatform } from '../../hook/dbt-platform.ts'
import { fetchArtifacts } from '../../hook/fetch-artifacts.ts'
import { queueMissed, readSince } from '../../hook/missed-runs.ts'
import { PlatformError } from '../../hook/platform-error.ts'
import { isToldAbout, postResult } from '../../hook/post-result.ts'
import { openQueue, type Queue } from '../../hook/queue.ts'
import { lockQueue } from '../../hook/queue-lock.ts'
import {
  type Receiver,
  type ReceiverOptions,
  startReceiver,
  WEBHOOK_PATH,
} from '../../hook/receiver.ts'
import { startWorker, type Worker, type WorkerOptions } from '../../hook/worker.ts'
import type { Io } from '../command-line/io.ts'
import { type Arguments, argumentList } from '../command-line/option.ts'
import { runSyncs } from '../hook/child.ts'
import { renderJobs } from '../hook/list.ts'
import { syncOneRun } from '../hook/once.ts'
import { type HookOptions, maxAgeMs, queueFolder, readHookOptions } from '../hook/options.ts'
import { holderName, isHolderGone } from '../lease-holder.ts'
import { asksForJson } from '../options.ts'
import { openSession, type Session } from '../session.ts'
import { sleep } from '../sleep.ts'
import { version } from '../version.ts'

/** Jobs that wait at most; the dbt platform is asked to send more of them later. */
const maxQueued = 10_000

/** Listens for webhooks of the dbt platform until it is told to stop, or looks at the queue of one that does. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const session = openSession(args, io)
  const folder = queueFolder(session.project, args)
  if (args['list'] === true || args['again'] !== undefined) {
    return look(session, args, await openJobs(session, folder, false))
  }
  const runId = args['run']
  const options = readHookOptions(session.project, args, runId === undefined)
  const { token, webhookSecrets, post } = options
  const hubspot = session.project.settings.token
  if (hubspot.kind === 'missing') throw new UserError(hubspot.problem)
  io.hide([token, ...webhookSecrets, ...(post === undefined ? [] : [post.url])])
  if (runId !== undefined) return once(session, args, options, String(runId))
  const holder = holderName(session)
  const lock = await usable(folder, () =>
    lockQueue(folder, holder, { clock: io.clock, sleep, isHolderGone }),
  )
  try {
    await serve(session, args, options, folder)
    return 0
  } finally {
    await lock.release()
  }
}

async function openJobs(
  { io, log, project }: Session,
  folder: string,
  isOwner: boolean,
): Promise<Queue> {
  // Twice the age of the oldest event that is taken: what was carried out is known for as long as it may come again.
  const rememberMs = 2 * maxAgeMs(project.settings.hook)
  const { clock } = io
  return usable(folder, () => openQueue({ folder, rememberMs, maxQueued, isOwner, clock, log }))
}

async function usable<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new UserError(
      {
        message: `The queue's folder ${folder} cannot be used (${code})`,
        hint: 'It has to be a folder that this user may write to; --queue-dir names another.',
      },
      { cause: error },
    )
  }
}

/** `--list` and `--again`; the process that listens takes up what is queued again. */
async function look({ io }: Session, args: Arguments, queue: Queue): Promise<number> {
  for (const runId of argumentList(args['again'])) {
    if (!/^\d+$/.test(runId) || !(await queue.again(runId))) {
      throw new UserError(
        {
          message: `There is no run ${runId} in the queue or among those that ended`,
          hint: 'backhaul hook --list shows them.',
        },
        { exitCode: 2 },
      )
    }
  }
  if (asksForJson(args)) {
    const jobs = { queued: queue.queued(), done: queue.done() }
    io.stdout(`${JSON.stringify({ kind: 'hook', version: 1, ...jobs })}\n`)
  } else io.stdout(renderJobs(queue, io.clock()))
  return 0
}

/** `--run`. */
function once(
  session: Session,
  args: Arguments,
  options: HookOptions,
  runId: string,
): Promise<number> {
  if (!/^\d{1,20}$/.test(runId)) {
    throw new UserError(
      {
        message: `${runId} is no id of a run of the dbt platform (digits)`,
        hint: "It is in the URL of the run's page, and in the answer of whoever started it.",
      },
      { exitCode: 2 },
    )
  }
  const parts = {
    platform: platformOf(session, options),
    runSyncs: runSyncs(session, args, options.maxRunMs),
  }
  return syncOneRun(session, runId, options, parts)
}

const platformOf = (
  { log, io }: Session,
  { dbtUrl, accountId, token, maxArtifactBytes }: HookOptions,
): DbtPlatform =>
  openDbtPlatform({
    baseUrl: dbtUrl,
    accountId,
    token,
    maxBytes: maxArtifactBytes,
    log,
    clock: io.clock,
    sleep,
  })

async function serve(
  session: Session,
  args: Arguments,
  options: HookOptions,
  folder: string,
): Promise<void> {
  const { log, drain, project } = session
  const queue = await openJobs(session, folder, true)
  const { filter, dbtUrl, accountId } = options
  let worker: Worker | undefined
  const receiver = await listen(session, options, {
    queue,
    onQueued: () => worker?.wake(),
    trouble: () => worker?.trouble(),
  })
  log.info(`backhaul=${version()} listens on ${receiver.url}${WEBHOOK_PATH}`)
  const heard = [
    ...filter.jobs.map((id) => `job ${id}`),
    ...filter.environments.map((id) => `environment ${id}`),
  ]
  log.info(
    `For ${heard.join(', ')} of account ${accountId} at ${dbtUrl}; target ${project.targetName}, queue ${folder} (${queue.queued().length} queued)`,
  )
  worker = startWorker({
    queue,
    ...workOf(session, args, options, { queue, folder }),
    maxAttempts: options.maxAttempts,
    retryAfterMs: options.retryAfterMs,
    stop: drain,
    log,
    clock: session.io.clock,
    sleep,
  })
  const caughtUp = catchUp(session, options, { queue, folder, onQueued: worker.wake })
  await Promise.all([worker.ended, closeWith(drain, receiver), caughtUp])
  log.info(`Stopped; ${queue.queued().length} left in the queue`)
}

/** Queues the runs whose webhooks came while nothing listened. It is a help: what keeps it from it ends nothing. */
async function catchUp(
  session: Session,
  options: HookOptions,
  { queue, folder, onQueued }: { queue: Queue; folder: string; onQueued: () => void },
): Promise<void> {
  const { log, drain, io } = session
  const { filter, accountId, maxAttempts, retryAfterMs } = options
  const platform = platformOf(session, options)
  for (let attempt = 1; !drain.aborted; attempt++) {
    try {
      const sinceMs = await readSince(folder, queue, filter.maxAgeMs, io.clock)
      const context = { platform, queue, filter: { ...filter, accountId }, sinceMs, log }
      const queued = await queueMissed(context, drain)
      if (queued > 0) onQueued()
      return
    } catch (error) {
      if (drain.aborted) return
      const { message } = error as Error
      const isOver =
        attempt >= maxAttempts || (error instanceof PlatformError && !error.isTransient)
      log.warn(
        `Whether webhooks were missed is not known: ${message}${isOver ? '. backhaul hook --run RUN_ID syncs one run' : ''}`,
      )
      if (isOver) return
      const asked = error instanceof PlatformError ? (error.retryAfterMs ?? 0) : 0
      await sleep(Math.max(retryAfterMs, asked), drain).catch(() => {})
    }
  }
}

/** What the worker does with a job. */
function workOf(
  session: Session,
  args: Arguments,
  options: HookOptions,
  { queue, folder }: { readonly queue: Queue; readonly folder: string },
): Pick<WorkerOptions, 'fetch' | 'runSyncs' | 'post' | 'isToldAbout'> {
  const { post } = options
  const { log, drain, io, project } = session
  const { clock } = io
  const rememberMs = 2 * maxAgeMs(project.settings.hook)
  const { workFolder } = queue
  const platform = platformOf(session, options)
  return {
    fetch: (event, signal) =>
      fetchArtifacts({ platform, folder, workFolder, rememberMs, log, clock, signal }, event),
    runSyncs: runSyncs(session, args, options.maxRunMs),
    post:
      post === undefined
        ? undefined
        : (job) => postResult(post, job, { log, sleep, signal: drain }),
    isToldAbout: (outcome) => isToldAbout(post, outcome),
  }
}

async function listen(
  { log, io }: Session,
  { host, port, webhookSecrets, filter }: HookOptions,
  parts: Pick<ReceiverOptions, 'queue' | 'onQueued' | 'trouble'>,
): Promise<Receiver> {
  try {
    const { clock } = io
    return await startReceiver({
      host,
      port,
      secrets: webhookSecrets,
      filter,
      log,
      clock,
      ...parts,
    })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new UserError(
      {
        message: `Cannot listen on ${host}, port ${port} (${code})`,
        hint:
          code === 'EADDRINUSE'
            ? 'The port is taken: choose another with --port, or 0 for a free one.'
            : 'Choose another address with --host, or another port with --port.',
      },
      { cause: error },
    )
  }
}

async function closeWith(stop: AbortSignal, receiver: Receiver): Promise<void> {
  await new Promise<void>((resolve) => {
    if (stop.aborted) resolve()
    stop.addEventListener('abort', () => resolve(), { once: true })
  })
  await receiver.close()
}
