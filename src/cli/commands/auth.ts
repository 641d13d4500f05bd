import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { type GrantedTokens, grantTokens } from '../../destination/hubspot/tokens.ts'
import { createTransport, LostAnswer } from '../../destination/hubspot/transport.ts'
import { Interrupted, UserError } from '../../errors.ts'
import { readTextFile, withDotEnv } from '../../project/environment.ts'
import type { Io } from '../command-line/io.ts'
import { type Arguments, argumentList } from '../command-line/option.ts'

const defaultScopes = ['contacts', 'companies', 'deals'].flatMap((object) => [
  `crm.objects.${object}.read`,
  `crm.objects.${object}.write`,
  `crm.schemas.${object}.read`,
])

const callbackPath = '/oauth-callback'
/** Somebody has to log in and choose a portal meanwhile. */
const waitMs = 10 * 60_000
const requestTimeoutMs = 30_000

interface App {
  readonly clientId: string
  readonly clientSecret: string
  /** The API. */
  readonly baseUrl: string
}

/** Connects an OAuth app to a portal by a login in the browser. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const app = readApp(io)
  io.hide([app.clientSecret])
  const ended = new AbortController()
  io.onInterrupt(
    () => ended.abort(),
    () => ended.abort(),
  )
  const state = randomBytes(24).toString('base64url')
  const server = await listen(Number(args['port']))
  try {
    const redirectUri = `http://localhost:${portOf(server)}${callbackPath}`
    const scopes = argumentList(args['scope'])
    const page = consentPage(app, {
      redirect_uri: redirectUri,
      scope: (scopes.length === 0 ? defaultScopes : scopes).join(' '),
      state,
    })
    io.stderr(`Open this page, log in and choose the portal:\n\n  ${page}\n\n`)
    const code = await nextCode(server, state, ended.signal)
    const granted = await exchangeCode(app, code, redirectUri, ended.signal)
    const portal = granted.portalId === undefined ? '' : ` to portal ${granted.portalId}`
    io.stderr(
      `The app is connected${portal}. Keep this line where your secrets are, and name it in backhaul.yml:\n  hubspot: {oauth: {client_id: "{{ env_var('HUBSPOT_CLIENT_ID') }}", client_secret: "{{ env_var('HUBSPOT_CLIENT_SECRET') }}", refresh_token: "{{ env_var('HUBSPOT_REFRESH_TOKEN') }}"}}\n\n`,
    )
    io.stdout(`HUBSPOT_REFRESH_TOKEN=${granted.refreshToken}\n`)
    return 0
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

function readApp(io: Io): App {
  const env = withDotEnv(io.env, io.cwd, readTextFile)
  const read = (name: string): string => {
    const value = env[name]
    if (value) return value
    throw new UserError({
      message: `The environment variable ${name} is not set`,
      hint: 'Client id and secret are on the page of the app in HubSpot. They are read from the environment and .env only.',
    })
  }
  return {
    clientId: read('HUBSPOT_CLIENT_ID'),
    clientSecret: read('HUBSPOT_CLIENT_SECRET'),
    baseUrl: (env['HUBSPOT_BASE_URL'] || 'https://api.hubapi.com').replace(/\/+$/, ''),
  }
}

/** HubSpot asks people on another host than programs. */
function consentPage({ baseUrl, clientId }: App, query: Readonly<Record<string, string>>): string {
  const host = baseUrl === 'https://api.hubapi.com' ? 'https://app.hubspot.com' : baseUrl
  return `${host}/oauth/authorize?${new URLSearchParams({ client_id: clientId, ...query })}`
}

async function listen(port: number): Promise<Server> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, 'localhost', resolve)
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error
    throw new UserError(
      {
        message: `Port ${port} is taken`,
        hint: 'Choose another with --port, and add its redirect URL to the app.',
      },
      { cause: error },
    )
  })
  return server
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** The code that HubSpot's page sends along; requests that do not come from our login are turned away. */
function nextCode(server: Server, state: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new UserError({ message: 'Nobody has logged in within ten minutes' })),
      waitMs,
    )
    const end = (settle: () => void) => {
      clearTimeout(timer)
      settle()
    }
    signal.addEventListener('abort', () => end(() => reject(new Interrupted())))
    server.on('request', (request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost')
      const answer = (status: number, text: string) =>
        response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
      if (url.pathname !== callbackPath) return void answer(404, 'Not found.')
      if (!isSame(url.searchParams.get('state') ?? '', state)) {
        return void answer(400, 'This is not the answer to the login that backhaul has started.')
      }
      const code = url.searchParams.get('code')
      if (code === null) {
        answer(200, 'HubSpot did not connect the app. You can close this page.')
        return end(() => reject(notConnected(url.searchParams.get('error'))))
      }
      answer(200, 'The app is connected. You can close this page.')
      end(() => resolve(code))
    })
  })
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}

const notConnected = (error: string | null): UserError =>
  new UserError({
    message: `HubSpot did not connect the app${error !== null && /^[a-z_]{1,40}$/.test(error) ? ` (${error})` : ''}`,
    hint: 'Log in as somebody who may install apps, and ask only for scopes that the app has (--scope).',
  })

async function exchangeCode(
  app: App,
  code: string,
  redirectUri: string,
  signal: AbortSignal,
): Promise<GrantedTokens> {
  const form = {
    grant_type: 'authorization_code',
    client_id: app.clientId,
    client_secret: app.clientSecret,
    redirect_uri: redirectUri,
    code,
  }
  try {
    return await grantTokens(app.baseUrl, form, createTransport({ requestTimeoutMs }), signal)
  } catch (error) {
    if (!(error instanceof LostAnswer)) throw error
    throw new UserError(
      {
        message: `HubSpot cannot be asked for the token (${error.code})`,
        hint: 'Try again; the code of a login is good for one try.',
      },
      { cause: error },
    )
  }
}
