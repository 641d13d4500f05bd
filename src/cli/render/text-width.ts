const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

const wide =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u
const widthless = /[\p{Mn}\p{Me}\p{Cf}]/u

/** What people take for one character, whatever it is made of. */
export const charactersOf = (text: string): readonly string[] =>
  [...graphemes.segment(text)].map(({ segment }) => segment)

/** Places that a text takes on a terminal. */
export function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length
  return charactersOf(text).reduce((sum, character) => sum + characterWidth(character), 0)
}

function characterWidth(character: string): number {
  if (wide.test(character)) return 2
  return [...character].filter((part) => !widthless.test(part)).length
}

/**
 * Breaks a line at its spaces where it is wider than a terminal; what follows is set under it, further in.
 *
 * @param width nothing is broken where it is undefined
 */
export function wrapped(line: string, width: number | undefined): string {
  if (width === undefined || widthOf(line) <= width) return line
  const indent = ' '.repeat(line.search(/\S|$/) + 2)
  const lines: string[] = []
  for (const word of line.trimStart().split(' ')) {
    const last = lines.at(-1)
    if (last === undefined) lines.push(indent.slice(2) + word)
    else if (widthOf(`${last} ${word}`) <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(indent + word)
  }
  return lines.join('\n')
}
