import { printable } from '../../errors.ts'
import type { Paint } from './paint.ts'
import { charactersOf, widthOf } from './text-width.ts'

/** Where no terminal says how wide a line may be: a pipe, a file, a comment. */
const defaultWidth = 120

/** Less is not worth a line. */
const leastRoom = 24

/** Characters before the first difference that a long value is shown from. */
const context = 16

/** Digits that tell digests apart for people. */
const shownDigits = 12

/** SHA-256 of no text: what `audit.values: hashed` leaves of a cleared value. */
const emptyDigest = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** Nobody sees these, and one of them makes a value another one. */
const unseen = /[\u00ad\u180e\u200b\u2028\u2029\u2060-\u2064\ufeff\ufff9-\ufffb]/u

/** Letters that are written from right to left. */
const rightToLeft =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

const leftToRightMark = '\u200e'

/**
 * Text beside which a line goes on from left to right: an arrow between two Hebrew words would change sides with them, and the old value
 * be read as the new one.
 */
export const leftToRight = (text: string): string =>
  rightToLeft.test(text) ? `${text}${leftToRightMark}` : text

/**
 * The old and the new value of a property, on one line where there is room and else on two, which begin at the same place. Of long values
 * the part is shown that differs. Values that look the same are told apart by the codes of their characters.
 *
 * @param before undefined or empty where there is none
 * @param indent places before the first line, which the caller writes
 * @param width of the terminal, where there is one
 */
export function valuesText(
  before: string | undefined,
  after: string,
  paint: Paint,
  { indent, width = defaultWidth }: { readonly indent: number; readonly width?: number },
): string {
  const room = Math.max(leastRoom, width - indent)
  const isCleared = after === '' || after === emptyDigest
  const cleared = paint.red('(cleared)')
  if (before === undefined || before === '') {
    return isCleared ? cleared : shown(after, { room })
  }
  if (before === after && !isCleared) return `${shown(after, { room })} ${paint.dim('(again)')}`
  if (isCleared) return `${paint.dim(shown(before, { room: room - 12 }))} → ${cleared}`
  const difference = { from: firstDifference(before, after), isCoded: lookAlike(before, after) }
  const isOfDigests = [before, after].every(isDigest) && difference.from < shownDigits
  const texts = [before, after].map((value) =>
    isOfDigests ? shown(value, { room }) : quoted(value, { room: room - 2, ...difference }),
  )
  const [old = '', next = ''] = texts
  const arrow = widthOf(old) + widthOf(next) + 3 > room ? `\n${' '.repeat(indent)}→ ` : ' → '
  return `${paint.dim(old)}${arrow}${next}`
}

const isDigest = (value: string): boolean => /^[0-9a-f]{64}$/.test(value)

const shown = (value: string, { room }: { readonly room: number }): string =>
  isDigest(value) ? `${value.slice(0, shownDigits)}…` : quoted(value, { room })

/** A value in quotes, without what a terminal would obey; cut to the room there is, with how long it is. */
function quoted(
  value: string,
  {
    room,
    from = 0,
    isCoded = false,
  }: { readonly room: number; readonly from?: number; readonly isCoded?: boolean },
): string {
  const show = (character: string) =>
    isCoded || unseen.test(character) ? coded(character) : escaped(character)
  if (value.length <= room) {
    const whole = charactersOf(value).map(show).join('')
    if (widthOf(whole) + 2 <= room) return leftToRight(`"${whole}"`)
  }
  const length = ` (${value.length.toLocaleString('en-US')} characters)`
  const before = value.slice(0, Math.min(from, room))
  const isNear = widthOf(charactersOf(before).map(show).join('')) < room - length.length - context
  const start = from < context || isNear ? 0 : from - context
  // A window is enough: no character of those that are shown is longer than the rest of it.
  const characters = charactersOf(value.slice(start, start + 8 * room))
  // The first may be the rest of one that began before.
  const rest = start === 0 ? characters : characters.slice(1)
  let left = room - length.length - (start === 0 ? 2 : 3)
  let text = ''
  for (const character of rest) {
    const next = show(character)
    left -= widthOf(next)
    if (left < 1) break
    text += next
  }
  const isToTheEnd = value.endsWith(rest.join('')) && text === rest.map(show).join('')
  return `${leftToRight(`"${start === 0 ? '' : '…'}${text}${isToTheEnd ? '' : '…'}"`)}${length}`
}

/** As in JSON, and without what turns the direction of writing. */
const escaped = (character: string): string => printable(JSON.stringify(character).slice(1, -1))

/** With the code of everything beyond ASCII. */
const coded = (character: string): string =>
  [...character]
    .map((part) => {
      const code = part.codePointAt(0)?.toString(16) ?? ''
      if (/[ -~]/.test(part)) return escaped(part)
      return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`
    })
    .join('')

function firstDifference(one: string, other: string): number {
  const shorter = Math.min(one.length, other.length)
  for (let at = 0; at < shorter; at += 1) if (one[at] !== other[at]) return at
  return shorter
}

/** Differ in nothing that is seen: the kind of a space, how an accent is written, a character without width. */
function lookAlike(one: string, other: string): boolean {
  const seen = (text: string) =>
    text
      .normalize('NFC')
      .replaceAll(/[\p{Cf}\p{Variation_Selector}]/gu, '')
      .replaceAll(/\p{Zs}/gu, ' ')
  return one !== other && seen(one) === seen(other)
}
