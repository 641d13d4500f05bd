/** Colours of a terminal, or none. */
export interface Paint {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  green(text: string): string
  yellow(text: string): string
}

const colour = (usesColours: boolean, code: number, end: number) =>
  usesColours ? (text: string) => `\u001b[${code}m${text}\u001b[${end}m` : (text: string) => text

/** Select Graphic Rendition, ECMA-48 §8.3.117. */
export function paintFor(usesColours: boolean): Paint {
  return {
    bold: colour(usesColours, 1, 22),
    dim: colour(usesColours, 2, 22),
    red: colour(usesColours, 31, 39),
    green: colour(usesColours, 32, 39),
    yellow: colour(usesColours, 33, 39),
  }
}
