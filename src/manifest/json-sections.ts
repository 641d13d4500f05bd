import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { JSONParser } from '@streamparser/json-node'
import { record } from './loose.ts'

/**
 * Above this many bytes a file is streamed. Parsing it whole is three times faster and takes about two and a half
 * times its size in memory; Node cannot hold a text of more than 512 MB at all.
 */
const STREAM_ABOVE_BYTES = 200 * 1024 * 1024

/** Receives the entries of a JSON file's sections; `key` is the section's own name for a section taken whole. */
export type OnEntry = (section: string, key: string, value: unknown) => void

/** Which top-level sections are wanted: whole, or entry by entry. */
export interface Wanted {
  readonly whole: readonly string[]
  readonly entries: readonly string[]
}

/**
 * Reads top-level sections of a JSON file of any size. Order and presence of the sections do not matter.
 *
 * @returns names of the top-level keys (of a streamed file: only those that are wanted)
 * @throws SyntaxError and other parse errors for text that is no JSON; file system errors as they are
 */
export async function readJsonSections(
  path: string,
  wanted: Wanted,
  onEntry: OnEntry,
  streamAboveBytes = STREAM_ABOVE_BYTES,
): Promise<readonly string[]> {
  const { size } = await stat(path)
  if (size > streamAboveBytes) return streamSections(path, wanted, onEntry)
  const document = record(JSON.parse(stripMark(await readFile(path, 'utf8'))))
  for (const section of wanted.whole) {
    if (section in document) onEntry(section, section, document[section])
  }
  for (const section of wanted.entries) {
    for (const [key, value] of Object.entries(record(document[section]))) {
      onEntry(section, key, value)
    }
  }
  return Object.keys(document)
}

async function streamSections(
  path: string,
  wanted: Wanted,
  onEntry: OnEntry,
): Promise<readonly string[]> {
  const met = new Set<string>()
  const parser = new JSONParser({
    paths: [
      ...wanted.whole.map((section) => `$.${section}`),
      ...wanted.entries.map((section) => `$.${section}.*`),
    ],
    // Values that are not wanted are dropped while parsing, and wanted ones are not kept in their parent.
    keepStack: false,
    stringBufferSize: 64 * 1024,
  })
  parser.on('data', ({ value, key, stack }) => {
    const section = stack.length > 1 ? String(stack[1]?.key) : String(key)
    met.add(section)
    onEntry(section, String(key), value)
  })
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), parser)
  return [...met]
}

/** A byte order mark, which some editors on Windows write. */
function stripMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}
