// HEALTHCHECK of the image: asks the server that the container runs, `backhaul hook` or `backhaul sandbox`. A container that runs another
// command is well as long as it runs. BACKHAUL_HEALTH_URL names a server that listens elsewhere.
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

/** The first process of the container, with what an init puts before it. */
const commandLine = process.argv[2] ?? '/proc/1/cmdline'

/** With these `hook` serves nothing. */
const notServing = /^--(run|list|again)(=|$)/

const ports = /** @type {Record<string, string>} */ ({ hook: '8580', sandbox: '4010' })

/** @returns {string | undefined} what to ask */
function healthUrl() {
  const given = process.env['BACKHAUL_HEALTH_URL']
  if (given !== undefined && given !== '') return given
  const words = readFileSync(commandLine, 'utf8').split('\0')
  const program = words.findIndex((word) => basename(word) === 'backhaul')
  const server = words.slice(program + 1).find((word) => !word.startsWith('-')) ?? ''
  if (!(server in ports) || words.some((word) => notServing.test(word))) return undefined
  const index = words.findIndex((word) => /^--port(=|$)/.test(word))
  const port = words[index]?.split('=')[1] ?? (index < 0 ? ports[server] : words[index + 1])
  return `http://127.0.0.1:${port}/healthz`
}

const url = healthUrl()
if (url !== undefined) {
  const isWell = await fetch(url, { signal: AbortSignal.timeout(4000) }).then(
    ({ ok }) => ok,
    () => false,
  )
  process.exitCode = isWell ? 0 : 1
}
