import type { Alert, Place } from '../../alert/alert.ts'
import { type AlertChange, type AlertState, ended, isUntold } from '../../alert/decide.ts'
import type { Delivery } from '../../alert/post.ts'
import { noticeOf } from '../../alert/words.ts'
import type { Told } from '../../record/alert-states.ts'
import type { Session } from '../session.ts'
import { keyOf, sendLogged } from './send-logged.ts'

/**
 * What alerts have told that `backhaul.yml` has no more. Their channels are gone with them, secrets and all. PagerDuty alone can still be told:
 * an end that an integration does not know does no harm there, so each that is left is sent it.
 */

/** @param remembered keys that were told when the warehouse was down */
export function leftStates(
  session: Session,
  known: readonly AlertState[],
  remembered: ReadonlySet<string>,
): readonly AlertState[] {
  const isThere = new Set(session.project.settings.alerts.map(({ name }) => name))
  const isKnown = new Set(known.map(({ dedupKey }) => dedupKey))
  const unkept = [...remembered].filter((key) => !isKnown.has(key))
  return [...known, ...unkept.flatMap((key) => rememberedState(session, key))].filter(
    (state) => !isThere.has(state.alert) && (state.status === 'open' || isUntold(state)),
  )
}

/** Of another target or project: none. */
function rememberedState(session: Session, key: string): readonly AlertState[] {
  const alert = key.split('/').at(-3) ?? ''
  const run = { sync: null, trouble: 'failure' as const }
  if (keyOf(session, { name: alert })(run) !== key) return []
  const words = { title: '', what: [], steps: [], command: null, runId: null }
  const told = { status: 'open', told: 'open', since: '', attempts: 0, words } as const
  return [{ dedupKey: key, alert, ...run, ...told }]
}

export const endLeft = (state: AlertState): AlertChange =>
  ended(state, 'The alert is not in backhaul.yml any more.')

/** Sends their end to every PagerDuty there is, and says who may still have to be told. */
export async function tellLeft(
  session: Session,
  states: readonly AlertState[],
  place: Place,
  delivery: Delivery,
): Promise<readonly Told[]> {
  const pagers = session.project.settings.alerts.flatMap(({ alert }): readonly Alert[] =>
    alert?.channel.kind === 'pagerduty' ? [alert] : [],
  )
  const untold = states.filter(isUntold)
  const quiet = states.filter((state) => !isUntold(state))
  const sent = await Promise.all(
    pagers.map((pager) => {
      const notices = untold.map((state) => noticeOf(state, pager, place))
      return sendLogged(session, pager, notices, place, delivery)
    }),
  )
  return [
    ...quiet.map(({ dedupKey }) => ({ dedupKey })),
    ...untold.map((state, index): Told => {
      const { dedupKey, alert, sync, trouble } = state
      const failed = sent.flatMap((outcomes) => {
        const outcome = outcomes[index]
        return outcome === undefined || outcome.isTold ? [] : [outcome.why]
      })
      if (failed[0] !== undefined) return { dedupKey, error: failed[0] }
      const asked =
        pagers.length === 0
          ? 'nobody was told'
          : `${pagers.map(({ name }) => name).join(', ')} ${pagers.length === 1 ? 'was' : 'were'} asked to resolve it`
      session.log.warn(
        `Alert ${alert} is not in backhaul.yml any more: ${sync ?? 'the run'}: ${trouble} is closed here, and ${asked}. If another service still has it open, end it there: ${dedupKey}`,
      )
      return { dedupKey }
    }),
  ]
}
