import { resolve } from 'node:path'
import { jsonSchema, settingsJsonSchema } from '../../config/json-schema.ts'
import { artifactNames, artifactSchema } from '../artifacts/artifacts.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { readOwnFile, writeOwnFile } from '../own-file.ts'
import { openLog } from '../session.ts'

/** Prints or writes what editors complete and check files by. Needs no project. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const { log } = openLog(args, io, { env: io.env, secrets: [] })
  const artifact = artifactNames.find((name) => name === args['artifact'])
  const isOfSettings = args['WHAT'] === 'settings'
  const schema =
    artifact === undefined
      ? isOfSettings
        ? settingsJsonSchema()
        : jsonSchema()
      : artifactSchema(artifact)
  const text = `${JSON.stringify(schema, null, 2)}\n`
  const asked = args['output-file']
  if (asked === undefined) {
    io.stdout(text)
    return 0
  }
  const file = { path: resolve(io.cwd, String(asked)), shown: String(asked) }
  const isForced = args['force'] === true
  const before = readOwnFile(file, { command: 'backhaul schema', isOurs: isOwnSchema, isForced })
  if (before !== text) writeOwnFile(file, text)
  const files = isOfSettings ? '"backhaul.yml"' : '["models/**/*.yml"]'
  log.info(`${file.shown} is ${before === text ? 'up to date' : 'written'}`)
  if (artifact !== undefined) return 0
  log.info(
    `In .vscode/settings.json: "yaml.schemas": {"./${file.shown.replaceAll('\\', '/')}": ${files}}`,
  )
  return 0
}

/** By its title: releases differ in the rest. */
export function isOwnSchema(text: string): boolean {
  try {
    const { title } = (JSON.parse(text) ?? {}) as { readonly title?: unknown }
    return typeof title === 'string' && title.startsWith('Backhaul:')
  } catch {
    return false
  }
}
