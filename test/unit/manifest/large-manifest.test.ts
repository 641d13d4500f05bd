import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeLargeManifest } from './large-manifest.ts'

/** A larger file by hand: `BACKHAUL_LARGE_MANIFEST_MB=500 npx vitest run --project unit large-manifest`. */
const megabytes = Number(process.env['BACKHAUL_LARGE_MANIFEST_MB'] ?? 40)

/** Whole, the file would take a multiple of its size. */
const heapMegabytes = 32

/** What a selection keeps beside the models: nothing, nodes, or nodes with what `state:` compares. */
const kept = [[], ['graph'], ['graph', 'contents']] as const

test(`a manifest of ${megabytes} MB is read in a heap of ${heapMegabytes} MB`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'backhaul-manifest-'))
  try {
    const path = join(folder, 'manifest.json')
    const models = await writeLargeManifest(path, megabytes)
    const program = join(import.meta.dirname, 'large-manifest.ts')
    const heap = `--max-old-space-size=${heapMegabytes}`
    for (const parts of kept) {
      const printed = execFileSync(process.execPath, [heap, program, path, 'stream', ...parts], {
        encoding: 'utf8',
      })
      expect(printed.split(' ')[0]).toBe(String(models))
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 120_000)
