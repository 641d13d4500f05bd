import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { atTestEnd } from './at-test-end.ts'

export interface TestMail {
  readonly port: number
  readonly mails: { readonly from: string; readonly to: readonly string[]; readonly raw: string }[]
  /** File that makes the server's certificate trusted. */
  readonly caFile: string
}

/** An SMTP server on 127.0.0.1 with a certificate of its own: login `backhaul`, password `smtp-password`. */
export async function smtpServer(options: SMTPServerOptions = {}): Promise<TestMail> {
  const folder = mkdtempSync(join(tmpdir(), 'backhaul-smtp-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=mail', '-addext', 'subjectAltName=IP:127.0.0.1']
  const ask = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject]
  execFileSync('openssl', [...ask, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const mails: TestMail['mails'] = []
  const server = new SMTPServer({
    key: readFileSync(key),
    cert: readFileSync(cert),
    authOptional: true,
    logger: false,
    onAuth({ username, password }, _session, done) {
      const isRight = username === 'backhaul' && password === 'smtp-password'
      if (isRight) done(null, { user: 'backhaul' })
      else done(refusal(535, 'Wrong login of backhaul'))
    },
    onData(stream, session, done) {
      let raw = ''
      stream.on('data', (chunk: Buffer) => {
        raw += chunk.toString()
      })
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? '' : (mailFrom?.address ?? '')
        mails.push({ from, to: rcptTo.map(({ address }) => address), raw })
        done()
      })
    },
    ...options,
  })
  // Clients that refuse the certificate are what some tests are about.
  server.on('error', () => {})
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  atTestEnd(async () => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
    })
    rmSync(folder, { recursive: true, force: true })
  })
  const { port } = server.server.address() as AddressInfo
  return { port, mails, caFile: cert }
}

/** An error that the server answers with this code. */
export const refusal = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode })
