import { spawn } from 'node:child_process'

/** Runs other programs to their end, one after the other. */
export interface Children {
  /** @throws the signal's reason when the demo was interrupted; the program has ended by then */
  run(program: string, args: readonly string[]): Promise<Ended>
}

export interface Ended {
  readonly exitCode: number
  /** Both outputs, in the order they came. */
  readonly output: string
}

export interface Surroundings {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
}

export function childrenIn({ cwd, env, signal }: Surroundings): Children {
  return {
    async run(program, args) {
      signal.throwIfAborted()
      const ended = await new Promise<Ended>((resolve) => {
        const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
        let output = ''
        for (const stream of [child.stdout, child.stderr]) {
          stream.setEncoding('utf8').on('data', (text: string) => {
            output += text
          })
        }
        const end = (exitCode: number) => {
          signal.removeEventListener('abort', kill)
          resolve({ exitCode, output })
        }
        const kill = () => child.kill()
        signal.addEventListener('abort', kill)
        child.once('error', (error) => {
          output += error.message
          end(127)
        })
        child.once('close', (code) => end(code ?? 1))
      })
      signal.throwIfAborted()
      return ended
    },
  }
}

const foreign = /^(HUBSPOT_|DBT_|BACKHAUL_DBT$)/

/** The environment without what would lead a command away from the demo's own project and HubSpot. */
export function withoutForeign(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name)))
}
