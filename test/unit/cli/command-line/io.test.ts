import { expect, test, vi } from 'vitest'
import { processIo } from '../../../../src/cli/command-line/io.ts'

test('whatever still draws, nothing is pinned to the terminal after the end', () => {
  const written: string[] = []
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(String(text))
    return true
  })
  try {
    const io = processIo()
    io.pin(['contacts 10%'])
    io.restore()
    const whenOver = written.length
    expect(written.slice(0, -1).join('')).toContain('contacts 10%')
    io.pin(['contacts 20%'])
    expect(written).toHaveLength(whenOver)
  } finally {
    write.mockRestore()
  }
})
