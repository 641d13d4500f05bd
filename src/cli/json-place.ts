/**
 * Where text stops being JSON, in lines and columns from 1; the end of the text when something is missing there. The engine's own
 * messages tell a position only sometimes: a longer beginning of broken text stays broken, so the place is found by halving.
 */
export function placeOfBreak(text: string): { readonly line: number; readonly column: number } {
  let sound = 0
  let broken = text.length + 1
  while (broken - sound > 1) {
    const middle = Math.floor((sound + broken) / 2)
    if (isBeginning(text.slice(0, middle))) sound = middle
    else broken = middle
  }
  const before = text.slice(0, sound).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

/** True when more text could make it JSON. */
function isBeginning(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (error) {
    const { message } = error as SyntaxError
    if (/Unexpected end|Unterminated/.test(message)) return true
    const position = /position (\d+)/.exec(message)?.[1]
    return position !== undefined && Number(position) >= text.length
  }
}
