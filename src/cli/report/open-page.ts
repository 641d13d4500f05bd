import { spawn } from 'node:child_process'
import type { Io } from '../command-line/io.ts'

type Place = Pick<Io, 'env' | 'isTerminal'>

/** A program that hands a page to the browser has done so by then, or waits for the browser itself. */
const longEnoughMs = 2_000

/**
 * Opens a file in the user's browser, where somebody sits in front of one.
 *
 * @returns why it was not opened; undefined where it was
 */
export async function openPage(
  path: string,
  { env, isTerminal }: Place,
  platform: NodeJS.Platform = process.platform,
): Promise<string | undefined> {
  if (!isTerminal) return 'this is no terminal that somebody sits at'
  const opener = openerOf(platform, env)
  if (opener === undefined) return 'this machine has no screen'
  const [program, ...before] = opener
  return new Promise((resolve) => {
    // The browser outlives this command, and does not write into its terminal.
    const child = spawn(program, [...before, path], { env, detached: true, stdio: 'ignore' })
    const timer = setTimeout(() => resolve(undefined), longEnoughMs)
    const end = (why: string | undefined) => {
      clearTimeout(timer)
      resolve(why)
    }
    child.once('error', ({ code }: NodeJS.ErrnoException) =>
      end(`${program} does not start (${code})`),
    )
    child.once('exit', (code) => end(code === 0 ? undefined : `${program} found no browser`))
    child.unref()
  })
}

/** The system's own program for that. Without a screen it would start a browser of text in this terminal, or none. */
function openerOf(
  platform: NodeJS.Platform,
  env: Io['env'],
): readonly [program: string, ...before: string[]] | undefined {
  if (platform === 'darwin') return ['open']
  if (platform === 'win32') return ['explorer.exe']
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? ['xdg-open'] : undefined
}
