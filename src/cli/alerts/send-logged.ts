import type { Alert, Notice, Outcome, Place } from '../../alert/alert.ts'
import { type AlertState, dedupKey } from '../../alert/decide.ts'
import type { News } from '../../alert/news.ts'
import type { Delivery } from '../../alert/post.ts'
import { sendNotices } from '../../alert/send-notices.ts'
import type { Project } from '../../project/find-project.ts'
import { hideSecrets } from '../../project/secrets.ts'
import type { Session } from '../session.ts'

export interface AlertRequest {
  readonly session: Session
  readonly news: News
  readonly portalId: string | null
  /** Syncs that are defined and enabled; undefined where nobody could tell. */
  readonly syncs: readonly string[] | undefined
}

/** The key of a trouble of an alert of this project and target. */
export const keyOf =
  ({ project }: Pick<Session, 'project'>, alert: Pick<Alert, 'name'>) =>
  ({ sync, trouble }: Pick<AlertState, 'sync' | 'trouble'>): string =>
    dedupKey([project.name, project.targetName, alert.name, sync ?? '', trouble])

export const placeOf = (
  { name, targetName }: Pick<Project, 'name' | 'targetName'>,
  portalId: string | null,
): Place => ({ project: name, target: targetName, portalId })

/** Sends notices of one alert; the log says what became of each. */
export async function sendLogged(
  { log, project: { secrets } }: Session,
  alert: Alert,
  notices: readonly Notice[],
  place: Place,
  delivery: Delivery,
): Promise<readonly Outcome[]> {
  if (notices.length === 0) return []
  const answered = await sendNotices(alert.channel, notices, place, delivery)
  const outcomes = answered.map(
    (outcome): Outcome =>
      // A service may quote the key that it refuses; the answer is kept in the warehouse.
      outcome.isTold ? outcome : { isTold: false, why: hideSecrets(outcome.why, secrets) },
  )
  notices.forEach(({ subject }, index) => {
    const outcome = outcomes[index]
    if (outcome?.isTold === true)
      log.info(`Alert ${alert.name} (${alert.channel.kind}): ${subject}`)
    else {
      const why = outcome?.why ?? 'not reached'
      log.warn(
        `Alert ${alert.name} (${alert.channel.kind}) could not be sent: ${why}. The next run tries again: ${subject}`,
      )
    }
  })
  return outcomes
}
