import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { getLanguageService, type LanguageService } from 'yaml-language-server'
import { jsonSchema, settingsJsonSchema } from '../../../src/config/json-schema.ts'

const example = join(import.meta.dirname, '../../../dbt_project_example')

/** The server behind the YAML extensions of editors, with the schemas as docs/editors.md sets them up. */
function editor(): LanguageService {
  const service = getLanguageService({
    schemaRequestService: (uri) => Promise.reject(new Error(`${uri} is not asked for`)),
    workspaceContext: { resolveRelativePath: (path) => path },
  })
  service.configure({
    validate: true,
    hover: true,
    completion: true,
    schemas: [
      { uri: 'file:///syncs.json', fileMatch: ['models/**/*.yml'], schema: jsonSchema() },
      { uri: 'file:///settings.json', fileMatch: ['backhaul.yml'], schema: settingsJsonSchema() },
    ],
  })
  return service
}

let projects = 0

/** The server knows a file by its address: each is one of a project of its own. */
const opened = (text: string, path = 'models/schema.yml'): TextDocument => {
  projects += 1
  return TextDocument.create(`file:///project-${projects}/${path}`, 'yaml', 1, text)
}

const problemsOf = async (text: string, path?: string): Promise<readonly string[]> =>
  (await editor().doValidation(opened(text, path), false)).map(
    ({ message, range }) => `${range.start.line + 1}: ${message}`,
  )

/** A model with a sync; `│` is where the cursor stands. */
const sync = (...lines: readonly string[]): string =>
  [
    'version: 2',
    'models:',
    '  - name: people',
    '    config:',
    '      meta:',
    '        hubspot:',
    ...lines.map((line) => `          ${line}`),
    '',
  ].join('\n')

function atCursor(text: string) {
  const document = opened(text.replace('│', ''))
  return { document, position: document.positionAt(text.indexOf('│')) }
}

const completions = async (text: string): Promise<readonly string[]> => {
  const { document, position } = atCursor(text)
  const { items } = await editor().doComplete(document, position, false)
  return items.map(({ label }) => label)
}

test('an editor has nothing against the example', async () => {
  const files = readdirSync(join(example, 'models'), { recursive: true, encoding: 'utf8' })
  const yaml = files.filter((file) => file.endsWith('.yml'))
  expect(yaml.length).toBeGreaterThan(0)
  for (const file of yaml) {
    const text = readFileSync(join(example, 'models', file), 'utf8')
    expect(await problemsOf(text, `models/${file}`), file).toEqual([])
  }
  const settings = readFileSync(join(example, 'backhaul.yml'), 'utf8')
  expect(await problemsOf(settings, 'backhaul.yml')).toEqual([])
})

test('an editor underlines what a sync cannot have, where it stands', async () => {
  const wrong = await problemsOf(
    sync('object: contacts', 'mode: upsert', 'match: {email: email}', 'propertys: {city: city}'),
  )
  expect(wrong).toEqual([expect.stringMatching(/^10: Property propertys is not allowed/)])
  const mode = await problemsOf(sync('object: contacts', 'match: {email: email}', 'mode: merge'))
  expect(mode).toEqual([expect.stringMatching(/^9: .*"upsert"/)])
  const event = ['type: event', 'event: signed_up', 'contact: {email: email}']
  expect(await problemsOf(sync(...event, 'occured_at: at'))).toEqual([
    expect.stringMatching(/^10: Property occured_at is not allowed/),
  ])
  const list = ['type: list', 'contact: {email: email}']
  expect(await problemsOf(sync(...list, 'mode: mirrored'))).toEqual([
    expect.stringMatching(/^9: .*"mirror"/),
  ])
  const link = 'associations: [{to: companies, sync: firms, kee: firm_id}]'
  expect(await problemsOf(sync('object: contacts', 'match: {email: email}', link))).toEqual([
    expect.stringMatching(/^9: Property kee is not allowed/),
  ])
  expect(await problemsOf('version: 1\nschemas: x\n', 'backhaul.yml')).toEqual([
    expect.stringMatching(/^2: Property schemas is not allowed/),
  ])
})

test('an editor completes keys and values of each type of sync, and explains them', async () => {
  expect(await completions(sync('object: contacts', '│'))).toEqual(
    expect.arrayContaining(['match', 'mode', 'properties', 'associations', 'on_delete']),
  )
  expect(await completions(sync('object: contacts', 'mode: │'))).toEqual(
    expect.arrayContaining(['upsert', 'update', 'insert']),
  )
  expect(await completions(sync('type: event', '│'))).toEqual(
    expect.arrayContaining(['event', 'occurred_at', 'contact']),
  )
  expect(await completions(sync('type: list', '│'))).toEqual(expect.arrayContaining(['list']))
  const { document, position } = atCursor(sync('object: contacts', 'on_del│ete: clear'))
  const hover = await editor().doHover(document, position)
  expect(JSON.stringify(hover?.contents)).toContain('a row that left the model')
})
