import { Socket } from 'node:net'
import type { Channel, Notice, Outcome, Place } from './alert.ts'
import { type Delivery, distrusted } from './post.ts'
import { together } from './sms.ts'
import { cut } from './words.ts'

type EmailChannel = Extract<Channel, { kind: 'email' }>

const stepMs = 5_000
const textCharacters = 100_000

/** One message for all notices and all recipients. */
export async function sendEmail(
  channel: EmailChannel,
  notices: readonly Notice[],
  place: Place,
  { signal }: Delivery,
): Promise<Outcome> {
  // Loaded when the first e-mail is sent.
  const { createTransport } = await import('nodemailer')
  const { host, port, tls, login, from, to } = channel
  // Our own, for what is left of it must not keep the process.
  const socket = new Socket()
  const transport = createTransport({
    socket,
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(login === undefined ? {} : { auth: { user: login.username, pass: login.password } }),
    connectionTimeout: stepMs,
    greetingTimeout: stepMs,
    socketTimeout: stepMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const ended = new Promise<Outcome>((resolve) => {
    const stop = () => resolve({ isTold: false, why: 'no answer in time' })
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  const sent = transport
    .sendMail({
      from,
      to: [...to],
      subject: emailSubject(notices),
      text: emailText(notices),
      // Answers of absent people shall not answer it.
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Backhaul-Project': place.project },
    })
    .then(
      ({ rejected }): Outcome =>
        together(
          to.map((_, index) =>
            index < rejected.length
              ? { isTold: false, why: 'the server refused the address' }
              : { isTold: true, answer: 'accepted by the server' },
          ),
        ),
    )
    .catch((error: unknown): Outcome => ({ isTold: false, why: whyNotSent(error) }))
  try {
    return await Promise.race([sent, ended])
  } finally {
    transport.close()
    socket.destroy()
  }
}

export function emailSubject([first, ...others]: readonly Notice[]): string {
  const subject = first?.subject ?? ''
  return others.length === 0 ? subject : `${subject} and ${others.length} more`
}

export function emailText(notices: readonly Notice[]): string {
  const [only, other] = notices
  if (only !== undefined && other === undefined) return `${cut(only.text, textCharacters)}\n`
  const parts = notices.map(({ subject, text }) => `${subject}\n\n${text}`)
  return `${cut(parts.join('\n\n----\n\n'), textCharacters)}\n`
}

/** Codes of nodemailer's errors (nodemailer.com/errors) and of TLS, in words. The server's own words may quote addresses. */
function whyNotSent(error: unknown): string {
  const { code, responseCode, message } = error as {
    readonly code?: string
    readonly responseCode?: number
    readonly message?: string
  }
  const status = responseCode === undefined ? '' : ` (SMTP ${responseCode})`
  const isCertificate = /self[- ]signed|certificate|unable to verify/i.test(message ?? '')
  if (isCertificate) return distrusted
  if (code === 'ETLS' || /STARTTLS/i.test(message ?? '')) {
    return 'the server offers no STARTTLS: say `tls: implicit` where the port begins with TLS'
  }
  if (/wrong version number|packet length/i.test(message ?? '')) {
    return 'the port does not begin with TLS: say `tls: starttls`'
  }
  if (code === 'EAUTH') return `the server refused the login${status}`
  if (code === 'EENVELOPE') return `the server refused sender or recipients${status}`
  if (code === 'EMESSAGE') return `the server refused the message${status}`
  if (code === 'ETIMEDOUT') return 'no answer in time'
  if (responseCode !== undefined) return `the server refused${status}`
  return `no connection (${code ?? 'unknown'})`
}
