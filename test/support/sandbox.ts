import { expect } from 'vitest'
import type { SandboxOptions } from '../../src/sandbox/options.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { atTestEnd } from './at-test-end.ts'
import { type JudgedRequest, loadOpenApiValidator } from './openapi.ts'

export interface StrictSandbox extends Sandbox {
  /** The requests that write records, with their bodies, oldest first. */
  readonly written: () => readonly JudgedRequest[]
  /** The requests that write or read links, with their bodies, oldest first. */
  readonly linking: () => readonly JudgedRequest[]
}

const writes = /\/batch\/(create|update|upsert|archive)$/
const links = /\/associations\/.*\/batch\//

/**
 * A local HubSpot in this process that judges every request by HubSpot's own specs where they are at hand. When the test
 * ends it is closed, and the test fails if a request was refused by the specs. In `beforeAll` call `close` yourself.
 */
export async function strictSandbox(options: SandboxOptions = {}): Promise<StrictSandbox> {
  const judge = loadOpenApiValidator()
  const written: JudgedRequest[] = []
  const linking: JudgedRequest[] = []
  const sandbox = await startSandbox({
    validateRequest: (request) => {
      if (links.test(request.path)) linking.push(request)
      else if (writes.test(request.path)) written.push(request)
      return judge?.(request) ?? []
    },
    ...options,
  })
  atTestEnd(async () => {
    await sandbox.close()
    expect(sandbox.violations, 'requests that HubSpot’s specs refuse').toEqual([])
  })
  return { ...sandbox, written: () => written, linking: () => linking }
}

/** What a command needs to reach it. */
export const sandboxEnv = ({ url, token }: Pick<Sandbox, 'url' | 'token'>) => ({
  HUBSPOT_BASE_URL: url,
  HUBSPOT_ACCESS_TOKEN: token,
})
