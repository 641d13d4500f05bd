import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/**
 * An https address in front of a sandbox that no one can take for a loopback one, as a real portal's is. Its certificate is
 * trusted with `NODE_EXTRA_CA_CERTS` of `env`.
 */
export async function tlsFront(behind: string): Promise<{
  readonly url: string
  readonly env: Readonly<Record<string, string>>
}> {
  const folder = mkdtempSync(join(tmpdir(), 'backhaul-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=portal', '-addext', 'subjectAltName=IP:0.0.0.0']
  const ask = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject]
  execFileSync('openssl', [...ask, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const credentials = { key: readFileSync(key), cert: readFileSync(cert) }
  const server = createServer(credentials, (incoming, answer) => {
    const { method, headers, url } = incoming
    const forwarded = request(`${behind}${url}`, { method, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 500, reply.headers)
      reply.pipe(answer)
    })
    incoming.pipe(forwarded)
  })
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    rmSync(folder, { recursive: true, force: true })
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `https://0.0.0.0:${port}`, env: { NODE_EXTRA_CA_CERTS: cert } }
}
