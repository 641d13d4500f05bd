import type { PlannedChange } from '../../plan/planned-changes.ts'
import type { Paint } from './paint.ts'

/** What each operation is shown as. */
export const signs = {
  create: '+',
  upsert: '±',
  update: '~',
  send: '→',
  add: '+',
  remove: '-',
  clear: '-',
  archive: '-',
  leave: '·',
  skip: '·',
  reject: '!',
  refresh: '·',
  associate: '↔',
  dissociate: '↮',
  wait: '…',
  release: '·',
} as const

const meanings = {
  '+': 'create, or add to the list',
  '±': 'create or update',
  '~': 'update',
  '→': 'send',
  '-': 'clear, archive, or take off the list',
  '·': 'nothing is done',
  '!': 'rejected',
  '↔': 'link',
  '↮': 'unlink',
  '…': 'wait',
} as const

/** Green adds, yellow changes, red takes away. */
const colours: Readonly<Record<string, 'green' | 'yellow' | 'red'>> = {
  '+': 'green',
  '±': 'green',
  '→': 'green',
  '↔': 'green',
  '~': 'yellow',
  '-': 'red',
  '↮': 'red',
}

/** The sign of an operation, in its colour. */
export function signOf(operation: keyof typeof signs, paint: Paint): string {
  const sign = signs[operation]
  const colour = colours[sign]
  return colour === undefined ? sign : paint[colour](sign)
}

const membersMeanings: Partial<Record<keyof typeof signs, string>> = {
  add: 'add to the list',
  remove: 'take off the list',
}

/** What the signs of the operations shown mean: one line, or none when nothing was shown. */
export function renderLegend(
  operations: ReadonlySet<PlannedChange['operation']>,
  paint: Paint,
): string {
  const used = [...operations].map((operation) => ({
    sign: signs[operation],
    meaning: membersMeanings[operation] ?? meanings[signs[operation]],
  }))
  const words = Object.keys(meanings).flatMap((sign) => [
    ...new Set(
      used.filter((each) => each.sign === sign).map(({ meaning }) => `${sign} ${meaning}`),
    ),
  ])
  return words.length === 0 ? '' : `${paint.dim(words.join('   '))}\n`
}
