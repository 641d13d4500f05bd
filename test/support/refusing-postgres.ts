import { createServer } from 'node:net'
import { onTestFinished } from 'vitest'

/** A server that asks for a password and refuses it, as PostgreSQL does; the one of the tests trusts everybody. */
export async function refusingPostgres(): Promise<{ readonly port: number }> {
  const message = (type: string, body: Buffer): Buffer => {
    const length = Buffer.alloc(4)
    length.writeInt32BE(body.length + 4)
    return Buffer.concat([Buffer.from(type), length, body])
  }
  const fields = ['SFATAL', 'VFATAL', 'C28P01', 'Mpassword authentication failed for user "ada"']
  const refusal = message('E', Buffer.from(`${fields.join('\0')}\0\0`))
  const askPassword = message('R', Buffer.from([0, 0, 0, 3]))
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      const isTlsRequest = chunk.length === 8
      if (isTlsRequest) socket.write('N')
      else if (chunk[0] === 'p'.charCodeAt(0)) socket.end(refusal)
      else socket.write(askPassword)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const address = server.address()
  return { port: typeof address === 'object' && address !== null ? address.port : 0 }
}
