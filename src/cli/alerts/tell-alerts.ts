import type { Alert } from '../../alert/alert.ts'
import type { Delivery } from '../../alert/post.ts'
import { formatProblem, Interrupted, WarehouseError } from '../../errors.ts'
import type { Project } from '../../project/find-project.ts'
import type { Ledger } from '../../record/ledger.ts'
import type { LoadedSyncs } from '../load-syncs.ts'
import type { Session } from '../session.ts'
import { sleep } from '../sleep.ts'
import type { AlertRequest } from './send-logged.ts'
import { tellKept } from './tell-kept.ts'
import { tellUnkept } from './tell-unkept.ts'

/** All that alerts may cost a run. */
const budgetMs = 10_000
/** Of it, what is left to write down what was told. */
const bookkeepingMs = 1_500

/** Alerts that can be used; of those for the chosen target it is warned about what is wrong. Those of others watch nothing here any more. */
function alertsOf({ project, log }: Pick<Session, 'project' | 'log'>): readonly Alert[] {
  const { settings, targetName } = project
  const usable: Alert[] = []
  let isAny = false
  for (const one of settings.alerts) {
    if (!one.targets.includes(targetName)) {
      if (one.alert !== undefined) usable.push({ ...one.alert, when: [] })
      continue
    }
    isAny = true
    if (one.alert !== undefined) usable.push(one.alert)
    else
      for (const problem of one.problems) log.warn(`Alert ${one.name}: ${formatProblem(problem)}`)
  }
  if (isAny) for (const problem of settings.literalAlertSecrets) log.warn(formatProblem(problem))
  return usable
}

/** True when runs of the target have somebody to tell. */
export const hasAlerts = ({ settings, targetName }: Project): boolean =>
  settings.alerts.some(({ targets }) => targets.includes(targetName))

/**
 * Tells what is new, and what earlier runs could not tell. Never throws unless somebody interrupts, and takes ten seconds at most.
 *
 * @param withLedger does work with the warehouse; undefined when it cannot be reached
 */
export async function tellAlerts(
  request: AlertRequest,
  withLedger: (work: (ledger: Ledger) => Promise<void>) => Promise<boolean>,
): Promise<void> {
  const alerts = alertsOf(request.session)
  const { log } = request.session
  const ended = new AbortController()
  const budget = AbortSignal.any([ended.signal, AbortSignal.timeout(budgetMs)])
  const work = async () => {
    const delivery = deliveryOf(request.session, budgetMs - bookkeepingMs, ended.signal)
    const progress = { isClaimed: false }
    const isKept = await withLedger((ledger) =>
      tellKept(request, alerts, ledger, delivery, progress),
    ).catch((error: unknown) => {
      if (!(error instanceof WarehouseError) || progress.isClaimed || ended.signal.aborted)
        throw error
      if (request.news.run?.isThere !== true)
        log.warn(`What alerts have told cannot be read: ${error.message}`)
      return false
    })
    if (!isKept) await tellUnkept(request, alerts, delivery)
  }
  const late = new Promise<'late'>((resolve) => {
    budget.addEventListener('abort', () => resolve('late'), { once: true })
  })
  try {
    const end = await Promise.race([work(), late])
    if (end === 'late') {
      log.warn('Alerts took longer than 10 s: the next run tells what is left')
    }
  } catch (error) {
    if (error instanceof Interrupted) throw error
    log.warn(whyUntold(error))
  } finally {
    ended.abort()
  }
}

/** No error fails a run for its alerts; a mistake of ours is told with its stack. */
function whyUntold(error: unknown): string {
  if (error instanceof WarehouseError)
    return `Alerts could not be written down, and may be told again: ${error.message}`
  const stack = error instanceof Error ? error.stack : String(error)
  return `Alerts could not be told, which is a mistake in Backhaul: ${stack}`
}

export function deliveryOf(
  { io, abort }: Pick<Session, 'io' | 'abort'>,
  ms: number,
  ended: AbortSignal = abort,
): Delivery {
  return {
    signal: AbortSignal.any([abort, ended, AbortSignal.timeout(ms)]),
    sleep,
    nowMs: io.clock,
  }
}

/** Syncs that alerts are about: those that run, and those that would if they were valid. */
export function watchedSyncs({ all, definedNames }: LoadedSyncs): readonly string[] {
  const disabled = new Set(all.flatMap(({ name, enabled }) => (enabled ? [] : [name])))
  return [...definedNames].filter((name) => !disabled.has(name))
}
