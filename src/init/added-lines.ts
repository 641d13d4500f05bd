/** Lines that go and come between two versions of a text, from the first that differs to the last: with their numbers, and the line before. */
export function addedLines(before: string, after: string): readonly string[] {
  const [old, now] = [before === '' ? [] : before.split('\n'), after.split('\n')]
  let head = 0
  while (head < old.length && old[head] === now[head]) head += 1
  let tail = 0
  while (
    tail < old.length - head &&
    tail < now.length - head &&
    old.at(-1 - tail) === now.at(-1 - tail)
  ) {
    tail += 1
  }
  const width = String(now.length).length
  const numbered = (mark: string, number: number, text: string | undefined) =>
    `${mark} ${String(number).padStart(width)}  ${(text ?? '').replace(/\r$/, '')}`.trimEnd()
  return [
    ...(head > 0 ? [numbered(' ', head, old[head - 1])] : []),
    ...old
      .slice(head, old.length - tail)
      .map((line, index) => numbered('-', head + index + 1, line)),
    ...now
      .slice(head, now.length - tail)
      .map((line, index) => numbered('+', head + index + 1, line)),
  ]
}
