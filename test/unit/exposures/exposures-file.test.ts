import { expect, test } from 'vitest'
import { parse } from 'yaml'
import {
  commandIn,
  differences,
  isOurs,
  renderFile,
} from '../../../src/exposures/exposures-file.ts'
import type { ExposureEntry } from '../../../src/exposures/generate.ts'

const entry = (name: string, keys: Partial<ExposureEntry> = {}): ExposureEntry => ({
  name,
  label: 'HubSpot contacts',
  type: 'application',
  description: 'Rows of `people`.\n\n- Properties: 2',
  depends_on: ["ref('people')"],
  owner: { name: 'RevOps' },
  config: { tags: ['hubspot'], meta: { backhaul_sync: name } },
  ...keys,
})

test('the file is YAML as dbt reads it, and says who wrote it', () => {
  const on = entry('b', {
    owner: { name: 'on' },
    label: 'yes: "no" # x',
    description: '# a\n- b: c',
  })
  const text = renderFile([entry('a'), on], '--portal 42')
  expect(text).toMatchInlineSnapshot(`
    "# Written by \`backhaul exposures --portal 42\`: change the syncs, then run it again.
    # If dbt stops because a model named here is gone: delete this file, run dbt parse, then write it again.
    version: 2

    exposures:
      - name: a
        label: HubSpot contacts
        type: application
        description: |-
          Rows of \`people\`.

          - Properties: 2
        depends_on:
          - ref('people')
        owner:
          name: RevOps
        config:
          tags:
            - hubspot
          meta:
            backhaul_sync: a

      - name: b
        label: 'yes: "no" # x'
        type: application
        description: |-
          # a
          - b: c
        depends_on:
          - ref('people')
        owner:
          name: "on"
        config:
          tags:
            - hubspot
          meta:
            backhaul_sync: b
    "
  `)
  expect(parse(text, { version: '1.1' })).toEqual({ version: 2, exposures: [entry('a'), on] })
  expect(isOurs(text)).toBe(true)
  expect(commandIn(text)).toBe('backhaul exposures --portal 42')
  expect(isOurs('version: 2\n')).toBe(false)
})

test('no exposure is a file, too', () => {
  expect(parse(renderFile([], ''))).toEqual({ version: 2, exposures: [] })
})

test('a file that says the same is no change, whatever its line endings', () => {
  const text = renderFile([entry('a')], '')
  expect(differences(text, text)).toEqual([])
  expect(differences(text.replaceAll('\n', '\r\n'), text)).toEqual([])
})

test('what changes is told by exposure', () => {
  const before = renderFile([entry('a'), entry('b'), entry('c')], '')
  const after = renderFile(
    [
      entry('b'),
      entry('c', { maturity: 'low', description: 'Rows of `people`.\n\n- Properties: 3' }),
      entry('d'),
    ],
    '',
  )
  expect(differences(before, after)).toMatchInlineSnapshot(`
    [
      "- a",
      "~ c",
      "    - description: - Properties: 2",
      "    + description: - Properties: 3",
      "    + maturity: low",
      "+ d",
    ]
  `)
  expect(differences(undefined, after)).toEqual(['+ b', '+ c', '+ d'])
})

test('what somebody wrote into the file is shown, not obeyed', () => {
  const before = renderFile([entry('a')], '').replace('HubSpot contacts', '"\\e[31m\\u202e"')
  expect(differences(before, renderFile([entry('a')], ''))).toEqual([
    '~ a',
    '    - label: \\u001b[31m\\u202e',
    '    + label: HubSpot contacts',
  ])
})

test('changes that are in no exposure are told, too', () => {
  const text = renderFile([entry('a'), entry('b')], '')
  expect(differences(text, renderFile([entry('a'), entry('b')], '--select a'))).toEqual([
    '- # Written by `backhaul exposures`: change the syncs, then run it again.',
    '+ # Written by `backhaul exposures --select a`: change the syncs, then run it again.',
  ])
  expect(differences(`${text}\n\n`, text)).toEqual(['! only order or layout differ'])
  const lost = ['! what stands there is no list of exposures']
  expect(differences(`${text}<<<<<<< HEAD\n`, text)).toEqual(lost)
  expect(differences(`${text}: [\n`, text)).toEqual(lost)
  expect(differences('# Written by `backhaul exposures`: x\n', text)).toEqual(lost)
})
