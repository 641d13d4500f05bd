import type { AddressInfo } from 'node:net'
import { type Control, createControl } from './control.ts'
import { resolveOptions, type SandboxOptions } from './options.ts'
import { createRouter } from './router.ts'
import { ROUTES } from './routes.ts'
import { createSandboxServer } from './server.ts'
import { createState } from './state.ts'

/** A local HubSpot: stateful, limited and imperfect like the real one, in memory. */
export interface Sandbox extends Control {
  /** What to use as the API's base address, without a trailing slash. */
  readonly url: string
  readonly port: number
  readonly portalId: number
  /** The first accepted token. */
  readonly token: string
  /** Breaks open connections and stops listening; harmless when repeated. */
  readonly close: () => Promise<void>
}

/**
 * Starts a local HubSpot.
 *
 * @throws where the port is taken
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const resolved = resolveOptions(options)
  const state = createState(resolved)
  const control = createControl(state)
  const hasAdmin = resolved.allowRemoteAdmin || isLoopback(resolved.host)
  const server = createSandboxServer({ state, control, hasAdmin, router: createRouter(ROUTES) })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(resolved.port, resolved.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  const listening = everyAddress.get(resolved.host) ?? resolved.host
  const host = listening.includes(':') ? `[${listening}]` : listening
  return {
    ...control,
    url: `http://${host}:${port}`,
    port,
    portalId: resolved.portalId,
    token: state.tokens.keys().next().value ?? '',
    close: () =>
      new Promise((resolve) => {
        // An error here only says that the server was closed before.
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** What stands for all addresses of this machine, and one of them by which it is reached. */
const everyAddress: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
])

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host)
}
