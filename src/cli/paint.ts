import pc from 'picocolors'

/** Colours of a terminal, or none. */
export interface Paint {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  green(text: string): string
  yellow(text: string): string
}

export function paintFor(usesColours: boolean): Paint {
  return pc.createColors(usesColours)
}
