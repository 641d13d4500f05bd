import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeArtifact } from '../../../src/cli/artifacts/write-artifact.ts'
import { writeLockFile } from '../../../src/cli/lock/lock-file.ts'
import { writeOwnFile } from '../../../src/cli/own-file.ts'
import { writeWhole } from '../../../src/cli/write-whole.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backhaul-whole-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const lock = () => ({ path: join(folder, 'hubspot.lock.yml'), shown: 'hubspot.lock.yml' })

test('what another process has not finished yet is left to it', () => {
  writeFileSync(join(folder, 'hubspot.lock.yml.part'), 'theirs')
  writeFileSync(join(folder, 'plan.json.part'), 'theirs')
  writeLockFile(lock(), 'ours')
  writeArtifact(folder, 'plan.json', {}, () => expect.unreachable())
  expect(readFileSync(lock().path, 'utf8')).toBe('ours')
  expect(readdirSync(folder).sort()).toEqual([
    'hubspot.lock.yml',
    'hubspot.lock.yml.part',
    'plan.json',
    'plan.json.part',
  ])
})

test('where a file cannot be written nothing is left behind', () => {
  mkdirSync(lock().path)
  expect(() => writeLockFile(lock(), 'ours')).toThrow('cannot be written (EISDIR)')
  mkdirSync(join(folder, 'plan.json'))
  const told: string[] = []
  writeArtifact(folder, 'plan.json', {}, ({ code }) => told.push(code))
  expect(told).toEqual(['EISDIR'])
  expect(existsSync(join(folder, 'plan.json.part'))).toBe(false)
  expect(readdirSync(folder).sort()).toEqual(['hubspot.lock.yml', 'plan.json'])
})

test('a link stays one, and the file that it leads to is written', () => {
  const real = join(folder, 'shared.lock.yml')
  writeFileSync(real, 'before')
  symlinkSync(real, lock().path)
  writeLockFile(lock(), 'ours')
  expect(readFileSync(real, 'utf8')).toBe('ours')
  expect(lstatSync(lock().path).isSymbolicLink()).toBe(true)
})

test.skipIf(process.platform !== 'linux')('a disk that fills up cuts no file short unseen', () => {
  const path = join(folder, 'report.html')
  const module = new URL('../../../src/cli/write-whole.ts', import.meta.url)
  const script = `import { writeWhole } from ${JSON.stringify(module)}
try { writeWhole(${JSON.stringify(path)}, 'x'.repeat(100_000)) } catch ({ code }) { console.log(code) }`
  // A file that may not grow is written to as one on a full disk is: first less than was asked, then an error.
  const told = execFileSync(
    'bash',
    ['--norc', '-c', 'trap "" XFSZ; ulimit -f 8; exec "$0" --input-type=module', process.execPath],
    { input: script, encoding: 'utf8' },
  )
  expect(told).toBe('EFBIG\n')
  expect(readdirSync(folder)).toEqual([])
})

test.skipIf(process.platform === 'win32')('what is no file is written to as it is named', () => {
  const path = join(folder, 'pipe')
  execFileSync('sh', ['-c', 'mkfifo "$0"', path])
  const reader = spawn('cat', [path])
  const heard = new Promise<string>((resolve) => {
    reader.stdout.on('data', (data) => resolve(String(data)))
  })
  expect(writeWhole(path, 'ours')).toBe(4)
  expect(readdirSync(folder).sort()).toEqual(['pipe'])
  return expect(heard).resolves.toBe('ours')
})

test.skipIf(process.getuid?.() !== 0)(
  'a link that somebody else laid where everybody writes is no way to a file of ours',
  () => {
    chmodSync(folder, 0o1777)
    const mine = join(folder, 'mine')
    const path = join(folder, 'report.html')
    writeFileSync(mine, 'mine')
    symlinkSync(mine, path)
    lchownSync(path, 4711, 4711)
    writeWhole(path, 'page')
    expect(readFileSync(mine, 'utf8')).toBe('mine')
    expect(readFileSync(path, 'utf8')).toBe('page')
  },
)

test("a file of the user's is never there in part, and who may read it stays", () => {
  const path = join(folder, 'profiles.yml')
  writeFileSync(path, 'password: secret\n')
  chmodSync(path, 0o600)
  const { ino } = statSync(path)
  writeOwnFile({ path, shown: 'profiles.yml' }, 'password: secret\nattach: []\n')
  const now = statSync(path)
  expect(now.mode & 0o777).toBe(0o600)
  expect(now.ino, 'another file took its place').not.toBe(ino)
  expect(readdirSync(folder)).toEqual(['profiles.yml'])
})

test.skipIf(process.getuid?.() === 0)('a file that may not be written stays as it is', () => {
  const path = join(folder, 'schema.yml')
  writeFileSync(path, 'models: []\n')
  chmodSync(path, 0o444)
  expect(() => writeOwnFile({ path, shown: 'schema.yml' }, 'x')).toThrow(
    'cannot be written (EACCES)',
  )
  expect(readFileSync(path, 'utf8')).toBe('models: []\n')
})

test.skipIf(process.platform !== 'linux')('a pipe is written to', () => {
  const module = new URL('../../../src/cli/write-whole.ts', import.meta.url)
  const script = `import { writeWhole } from ${JSON.stringify(module)}
writeWhole('/dev/stdout', 'ours')`
  const options = { input: script, encoding: 'utf8' } as const
  const piped = ['--norc', '-c', '"$0" --input-type=module | cat', process.execPath]
  expect(execFileSync('bash', piped, options)).toBe('ours')
})
