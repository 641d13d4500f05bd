import { UserError } from '../../errors.ts'
import { retried } from '../../run/asking.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Account } from '../../types.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import type { Questions } from '../command-line/questions.ts'
import { connectHubspot } from '../connect-hubspot.ts'
import { askingOf } from '../run/asking.ts'
import { openSession, type Session } from '../session.ts'

/** The HubSpot that a mapping is proposed from. */
export interface Portal {
  /** A session that talks to it. */
  readonly session: Session
  readonly asking: ReturnType<typeof askingOf>
  readonly account: Account
  /** It is a local one of this command: with HubSpot's standard properties, and none of the user's own. */
  readonly isOwn: boolean
  readonly close: () => Promise<void>
}

/**
 * Opens the user's HubSpot. Without a token, or when that is asked for, a local one that lives as long as the command.
 *
 * @throws UserError when there is no token, and whoever was asked wants no local one
 */
export async function openPortal(
  args: Arguments,
  io: Io,
  session: Session,
  questions: Questions,
): Promise<Portal> {
  const { token } = session.project.settings
  const isAsked = args['sandbox'] === true
  if (token.kind !== 'missing' && !isAsked) {
    return { ...(await connected(session)), isOwn: false, close: async () => {} }
  }
  if (!isAsked && token.kind === 'missing') {
    session.log.warn(
      'There is no HubSpot token (HUBSPOT_ACCESS_TOKEN): your own properties are not known, and the mapping is not checked against your account',
    )
    const text = 'Go on with a local HubSpot that has the standard properties?'
    if (!(await questions.confirm(text, true, true))) throw new UserError(token.problem)
  }
  const sandbox = await startSandbox()
  const env = { ...io.env, HUBSPOT_BASE_URL: sandbox.url, HUBSPOT_ACCESS_TOKEN: sandbox.token }
  const own = openSession(args, { ...io, env })
  const settings = {
    ...own.project.settings,
    baseUrl: sandbox.url,
    token: { kind: 'token', token: sandbox.token },
  } as const
  try {
    const reached = await connected({ ...own, project: { ...own.project, settings } })
    return { ...reached, isOwn: true, close: () => sandbox.close() }
  } catch (error) {
    await sandbox.close()
    throw error
  }
}

async function connected(session: Session) {
  const { destination } = await connectHubspot(session)
  const asking = askingOf(session, destination)
  const account = await retried(asking, () => destination.account(session.drain))
  return { session, asking, account }
}
