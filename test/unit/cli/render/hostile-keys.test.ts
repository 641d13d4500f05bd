import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { createLogger } from '../../../../src/cli/command-line/log-writer.ts'
import { annotationLine } from '../../../../src/cli/github/workflow-commands.ts'
import { paintFor } from '../../../../src/cli/render/paint.ts'
import { renderReasons } from '../../../../src/cli/render/render-run.ts'
import { keyWord, sayFor, shellWord } from '../../../../src/cli/render/shell-word.ts'

const hostile = "\u001b[2J\n17:00:00  All is well\u202e it's \\ me"

function logOf(write: (log: ReturnType<typeof createLogger>) => void): string {
  let text = ''
  write(
    createLogger({
      format: 'text',
      level: 'info',
      write: (part) => {
        text += part
      },
      clock: () => 0,
      invocationId: 'i',
      pid: 1,
      secrets: [],
    }),
  )
  return text
}

test('the key of a rejected row is told on one line, and commands no terminal', () => {
  const group = { category: 'INVALID_EMAIL', property: 'email', rows: 1, isLink: false }
  const lines = renderReasons(
    'contacts',
    'rejected',
    [{ ...group, exampleRowId: hostile }],
    'select 1',
    paintFor(false),
    sayFor({ targetName: 'prod', defaultTargetName: 'dev' }),
  )
  expect(lines).toHaveLength(4)
  expect(lines[3]).toContain('See it: backhaul show --target prod contacts ')
  expect(lines.join('')).not.toMatch(/[\p{Cc}\u202e]/u)
  expect(lines[2]).toContain('e.g. row \\u001b[2J\\n17:00:00')
})

test('a command for a key is one that a shell reads as that key', () => {
  const asked = execFileSync('bash', ['--norc', '-c', `printf %s ${shellWord(hostile)}`], {
    encoding: 'utf8',
    env: { LC_ALL: 'C.UTF-8' },
  })
  expect(asked).toBe(hostile)
  expect(shellWord(hostile)).not.toMatch(/[\p{Cc}\u202e]/u)
  expect(keyWord("-o'neil")).toBe(String.raw`-- '-o'\''neil'`)
})

test('whatever is logged, of what terminals obey only our colours are left', () => {
  const paint = paintFor(true)
  const text = logOf((log) => {
    log.warn(`${paint.red('red')} ${'\u001b]0;title\u0007'}`, { row: 'a\u001b[2Jb' })
    log.event('SyncResult', 'info', `one\ntwo\u009b2J`, {})
  })
  expect(text).toContain(paint.red('red'))
  expect(text.replaceAll(paint.red('red'), '').split('\n').join('')).not.toMatch(/\p{Cc}/u)
  expect(text.split('\n')).toHaveLength(4)
})

test('annotations hold no sequences for terminals either', () => {
  const line = annotationLine({ level: 'error', title: 'a\u001b[2J', message: 'b\u001b[2J\nc' })
  expect(line).toBe('::error title=a\\u001b[2J::b\\u001b[2J%0Ac\n')
})
