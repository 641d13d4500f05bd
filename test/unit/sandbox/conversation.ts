import { type Control, createControl } from '../../../src/sandbox/control.ts'
import { resolveOptions, type SandboxOptions } from '../../../src/sandbox/options.ts'
import { type Outcome, respond } from '../../../src/sandbox/respond.ts'
import { createRouter } from '../../../src/sandbox/router.ts'
import { ROUTES } from '../../../src/sandbox/routes.ts'
import { createState } from '../../../src/sandbox/state.ts'

/** A sandbox without a server, whose time stands still unless moved. */
export interface Conversation extends Control {
  readonly send: (method: string, path: string, body?: unknown, token?: string) => Reply
  readonly outcome: (method: string, path: string, body?: unknown) => Outcome
  readonly wait: (ms: number) => void
}

/** An answer, its body open for looking into. */
export interface Reply {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many shapes
  readonly body: any
  readonly headers: Readonly<Record<string, string>>
}

/** 23 November 2026, 12:00 UTC. */
export const NOON = Date.UTC(2026, 10, 23, 12)

const router = createRouter(ROUTES)

/** Starts a sandbox to talk to without a network. Results keep the order of the inputs unless asked otherwise. */
export function converse(options: SandboxOptions = {}): Conversation {
  let now = NOON
  const state = createState(
    resolveOptions({
      clock: () => now,
      ...options,
      quirks: { shuffleResults: false, ...options.quirks },
    }),
  )
  const outcome = (method: string, address: string, body?: unknown, token = 'sandbox-token') => {
    const [path = '', query = ''] = address.split('?')
    const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body)
    const authorization = token === '' ? undefined : `Bearer ${token}`
    return respond({ method, path, query, authorization, body: text }, state, router)
  }
  return {
    ...createControl(state),
    outcome,
    send: (method, address, body, token) => {
      const reached = outcome(method, address, body, token)
      if (reached.kind !== 'answer') throw new Error(`no answer but ${reached.kind}`)
      const { answer } = reached
      return { status: answer.status, body: answer.body, headers: answer.headers ?? {} }
    },
    wait: (ms) => {
      now += ms
    },
  }
}

/** Inputs with the trace ids `t0`, `t1`, … */
export function traced<Input extends object>(inputs: readonly Input[]) {
  return { inputs: inputs.map((input, place) => ({ ...input, objectWriteTraceId: `t${place}` })) }
}
