import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Session } from './session.ts'

/** Who this process is in a lease: machine, process id and invocation. */
export function holderName(session: Session): string {
  return `${machineName()}/${session.io.pid}/${session.invocationId}`
}

/** Host, and where processes are numbered per container the numbering: a process id says nothing about another's. */
function machineName(): string {
  try {
    const numbering = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0]
    return numbering === undefined ? hostname() : `${hostname()}:${numbering}`
  } catch {
    return hostname()
  }
}

/** True when a lease's holder was a process of this machine that has ended. */
export function isHolderGone(holder: string): boolean {
  const [host, pid] = holder.split('/')
  if (host !== machineName() || pid === undefined) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
