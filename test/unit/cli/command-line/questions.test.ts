import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { openInput } from '../../../../src/cli/command-line/input.ts'
import type { Io } from '../../../../src/cli/command-line/io.ts'
import { Questions } from '../../../../src/cli/command-line/questions.ts'
import { UserError } from '../../../../src/errors.ts'

/** Somebody who gives these answers, and what is printed to them. */
function asked(
  lines: readonly string[],
  {
    isTerminal = true,
    takesProposals = false,
  }: { isTerminal?: boolean; takesProposals?: boolean } = {},
) {
  const waiting = [...lines]
  const printed: string[] = []
  const io: Pick<Io, 'openInput' | 'stderr'> = {
    stderr: (text) => void printed.push(text),
    openInput: () => ({
      isTerminal,
      ask: async (question) => {
        printed.push(question)
        return waiting.shift()
      },
      close: () => {},
    }),
  }
  return { questions: new Questions(io, takesProposals), printed }
}

const question = (given?: string, proposed: string | undefined = '3') => ({
  text: 'How many?',
  flag: 'count',
  given,
  proposed,
  read: (answer: string) => {
    if (/^\d+$/.test(answer)) return Number(answer)
    throw new UserError({ message: `${answer} is no number` })
  },
})

test('what an option says is not asked', async () => {
  const { questions, printed } = asked([])
  expect(await questions.ask(question('7'))).toBe(7)
  await expect(questions.ask(question('x'))).rejects.toThrow('x is no number')
  expect(printed).toEqual([])
})

test('an empty line takes the proposal', async () => {
  const { questions, printed } = asked(['  '])
  expect(await questions.ask(question())).toBe(3)
  expect(printed).toEqual(['How many? [3]: '])
})

test('at a terminal a wrong answer is told, and asked again', async () => {
  const { questions, printed } = asked(['x', ' 5 '])
  expect(await questions.ask(question())).toBe(5)
  expect(printed).toEqual(['How many? [3]: ', 'x is no number\n', 'How many? [3]: '])
})

test('in a script a wrong answer ends the command', async () => {
  const { questions } = asked(['x', '5'], { isTerminal: false })
  await expect(questions.ask(question())).rejects.toThrow('x is no number')
})

test.each([true, false])('the end of the input is no answer (terminal: %s)', async (isTerminal) => {
  const { questions } = asked([], { isTerminal })
  await expect(questions.ask(question())).rejects.toMatchObject({ exitCode: 2 })
})

test('--yes takes proposals and asks nothing', async () => {
  const { questions, printed } = asked(['9'], { takesProposals: true })
  expect(await questions.ask(question())).toBe(3)
  await expect(questions.ask({ ...question(), proposed: undefined })).rejects.toThrow('--count')
  expect(await questions.confirm('Sure?', false, true)).toBe(true)
  expect(printed).toEqual([])
})

test.each([
  ['', true, true],
  ['', false, false],
  ['n', true, false],
  ['YES', false, true],
  ['no', true, false],
])('"%s" where %s is proposed means %s', async (line, proposed, meant) => {
  const { questions } = asked(['what?', line])
  expect(await questions.confirm('Sure?', proposed, false)).toBe(meant)
})

test('a terminal that is closed confirms nothing', async () => {
  const { questions } = asked([])
  expect(await questions.confirm('Write this?', true, true)).toBe(false)
})

test('lines of a pipe are kept until they are asked for', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()]
  input.end('one\ntwo')
  const opened = openInput({ input, output })
  await new Promise((resolve) => setImmediate(resolve))
  expect([await opened.ask('1? '), await opened.ask('2? '), await opened.ask('3? ')]).toEqual([
    'one',
    'two',
    undefined,
  ])
  expect(output.read()?.toString()).toBe('1? one\n2? two\n3? \n')
})
