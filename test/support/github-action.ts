import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { parse } from 'yaml'
import { root } from '../../scripts/process.mjs'
import { atTestEnd } from './at-test-end.ts'
import { bareEnvironment } from './cli.ts'

export interface ActionStep {
  readonly name: string
  readonly uses?: string
  readonly run?: string
  readonly shell?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>
  readonly runs: { readonly steps: readonly ActionStep[] }
}

const actionFile = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as ActionFile

export interface ActionResult {
  readonly exitCode: number | null
  readonly log: string
  readonly summary: string
  readonly outputs: Readonly<Record<string, string>>
  /** Words that npm was given. */
  readonly npm: readonly string[]
}

export interface ActionOptions {
  readonly cwd: string
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly event?: { readonly name: string; readonly payload?: object }
  readonly apiUrl?: string
  /** Called with what was logged so far, until the step ends. */
  readonly watch?: (log: string, kill: (signal: NodeJS.Signals) => void) => void
}

/**
 * Runs the shell steps of action.yml as GitHub's runner does: bash with its flags, each input in the step's environment. Of the rest
 * of a runner, npm stands for an installation of this build.
 */
export async function runAction(options: ActionOptions): Promise<ActionResult> {
  const folder = mkdtempSync(join(tmpdir(), 'backhaul-action-'))
  atTestEnd(() => rmSync(folder, { recursive: true, force: true }))
  const files = { output: join(folder, 'output'), summary: join(folder, 'summary') }
  for (const path of Object.values(files)) writeFileSync(path, '')
  const { name = 'push', payload = {} } = options.event ?? {}
  const event = { repository: { default_branch: 'main' }, ...payload }
  writeFileSync(join(folder, 'event.json'), JSON.stringify(event))
  const env = {
    ...bareEnvironment(),
    ...options.env,
    PATH: [fakeNpm(folder), process.env['PATH']].join(delimiter),
    GITHUB_ACTIONS: 'true',
    GITHUB_API_URL: options.apiUrl ?? 'http://127.0.0.1:9',
    GITHUB_EVENT_NAME: name,
    GITHUB_EVENT_PATH: join(folder, 'event.json'),
    GITHUB_REF: 'refs/heads/main',
    GITHUB_OUTPUT: files.output,
    GITHUB_REPOSITORY: 'shop/warehouse',
    GITHUB_RUN_ID: '77',
    GITHUB_SERVER_URL: 'https://github.example',
    GITHUB_SHA: '1234567890abcdef',
    GITHUB_STEP_SUMMARY: files.summary,
    RUNNER_TEMP: folder,
  }
  let log = ''
  let exitCode: number | null = 0
  for (const step of actionFile.runs.steps) {
    if (step.run === undefined || exitCode !== 0) continue
    const script = join(folder, 'step.sh')
    writeFileSync(script, step.run)
    const own = Object.entries(step.env ?? {}).map(([key, value]) => [
      key,
      filledIn(value, options),
    ])
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
      cwd: options.cwd,
      env: { ...env, ...Object.fromEntries(own) },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        log += text
        options.watch?.(log, (signal) => child.kill(signal))
      })
    exitCode = await new Promise((resolve) => child.on('close', resolve))
  }
  const npm = join(folder, 'npm-words')
  return {
    exitCode,
    log,
    summary: readFileSync(files.summary, 'utf8'),
    outputs: Object.fromEntries(
      readFileSync(files.output, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split('=') as [string, string]),
    ),
    npm: existsSync(npm) ? readFileSync(npm, 'utf8').trim().split('\n') : [],
  }
}

/** Puts the value of an expression in its place; one that a runner gives another value to is a mistake of this function. */
function filledIn(text: string, { inputs = {} }: ActionOptions): string {
  return text.replaceAll(/\$\{\{ ([^}]+) \}\}/g, (_, expression: string) => {
    if (expression === 'github.action_path') return root
    if (expression === 'github.token') return 'token-of-the-job'
    const [, name = ''] = /^inputs\.([a-z-]+)$/.exec(expression) ?? []
    const input = actionFile.inputs[name]
    if (input === undefined) throw new TypeError(`What is ${expression}?`)
    return inputs[name] ?? filledIn(input.default, {} as ActionOptions)
  })
}

/** An npm that installs this build. */
function fakeNpm(folder: string): string {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const script = `#!/usr/bin/env bash
printf '%s\\n' "$@" >> "${folder}/npm-words"
if [ "$1" = install ]; then
  mkdir -p "$3/node_modules" && ln -s "${root}" "$3/node_modules/backhaul"
else
  touch "$4/backhaul-9.9.9.tgz"
fi
`
  writeFileSync(join(bin, 'npm'), script)
  chmodSync(join(bin, 'npm'), 0o755)
  return bin
}

export interface GithubRequest {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly body: { readonly body: string } | undefined
}

export interface FakeGithub {
  readonly url: string
  readonly comments: {
    readonly id: number
    body: string
    readonly user: { readonly type: 'Bot' | 'User' }
    readonly author_association: 'MEMBER' | 'NONE'
    /** The token may not change it. */
    readonly isForeign?: boolean
  }[]
  readonly requests: GithubRequest[]
  /** What every write is answered with, as for the token of a fork's pull request. */
  refusal: number | undefined
}

/** GitHub's comments on one pull request, on loopback, in pages as GitHub serves them. */
export async function fakeGithub(): Promise<FakeGithub> {
  const github: FakeGithub = { url: '', comments: [], requests: [], refusal: undefined }
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const url = new URL(request.url ?? '', 'http://127.0.0.1')
    const body = text === '' ? undefined : (JSON.parse(text) as { body: string })
    const { method = '', headers } = request
    github.requests.push({ method, path: url.pathname, authorization: headers.authorization, body })
    const answer = (status: number, content: object) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify(content))
    if (method !== 'GET' && github.refusal !== undefined)
      return answer(github.refusal, { message: 'Resource not accessible by integration' })
    const ofPullRequest = /^\/repos\/shop\/warehouse\/issues\/5\/comments$/.test(url.pathname)
    const [, id] = /^\/repos\/shop\/warehouse\/issues\/comments\/(\d+)$/.exec(url.pathname) ?? []
    const one = github.comments.find((comment) => comment.id === Number(id))
    const link = (comment: number) => ({
      id: comment,
      html_url: `https://github.example/c/${comment}`,
    })
    if (ofPullRequest && method === 'GET') {
      const size = Number(url.searchParams.get('per_page'))
      const start = (Number(url.searchParams.get('page')) - 1) * size
      return answer(200, github.comments.slice(start, start + size))
    }
    if (ofPullRequest && method === 'POST' && body !== undefined) {
      const id = 1000 + github.comments.length
      const made = {
        id,
        body: body.body,
        user: { type: 'Bot' },
        author_association: 'NONE',
      } as const
      github.comments.push(made)
      return answer(201, link(made.id))
    }
    if (one !== undefined && method === 'PATCH' && body !== undefined) {
      if (one.isForeign) return answer(403, { message: 'Forbidden' })
      one.body = body.body
      return answer(200, link(one.id))
    }
    return answer(404, { message: 'Not Found' })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atTestEnd(() => new Promise((resolve) => server.close(() => resolve())))
  return Object.assign(github, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  })
}
