/** Inputs that are options of the same name. */
const options = ['project-dir', 'profiles-dir', 'profile', 'target', 'selector', 'state']

/** Inputs that hold several words. */
const lists = ['select', 'exclude']

/** Words of a text as a shell would part them, with quotes, without expanding anything. @param {string} text */
export function wordsOf(text) {
  /** @type {string[]} */
  const words = []
  /** @type {string | undefined} */
  let word
  let quote = ''
  for (let index = 0; index < text.length; index++) {
    const sign = text.charAt(index)
    if (quote === '' && /\s/.test(sign)) {
      if (word !== undefined) words.push(word)
      word = undefined
      continue
    }
    word ??= ''
    if (sign === quote) quote = ''
    else if (quote === '' && (sign === '"' || sign === "'")) quote = sign
    else if (sign === '\\' && quote !== "'") word += text.charAt(++index)
    else word += sign
  }
  if (quote !== '') throw new TypeError(`The input args has a ${quote} that is not closed: ${text}`)
  if (word !== undefined) words.push(word)
  return words
}

/**
 * Events that send. Whatever else starts a job, a merge queue say, has not been merged yet; `workflow_run` follows a workflow of any branch,
 * of a fork's pull request, too.
 */
const sending = ['schedule', 'repository_dispatch']

/** Events of any branch; the others are of the default branch, and do not always say which that is. */
const sendingFromDefaultBranch = ['push', 'workflow_dispatch']

/**
 * What starts the job.
 *
 * @typedef {object} Occasion
 * @property {string} eventName
 * @property {string} ref such as refs/heads/main
 * @property {string | undefined} defaultBranch
 */

/**
 * What the inputs and the event mean. Without a command, only the default branch sends.
 *
 * @param {(name: string) => string} input value of an input; empty when it is not given
 * @param {Occasion} occasion
 * @returns {{ command: string, argv: string[] }}
 */
export function commandLine(input, { eventName, ref, defaultBranch }) {
  const mayRun =
    sending.includes(eventName) ||
    (sendingFromDefaultBranch.includes(eventName) &&
      defaultBranch !== undefined &&
      ref === `refs/heads/${defaultBranch}`)
  const command = input('command') || (mayRun ? 'run' : 'plan')
  const args = wordsOf(input('args'))
  const hasOutput = args.some((word) => /^--(output|json)\b/.test(word))
  const output = { plan: 'markdown', run: 'json' }[command]
  return {
    command,
    argv: [
      command,
      ...options.flatMap((name) => (input(name) === '' ? [] : [`--${name}=${input(name)}`])),
      ...lists.flatMap((name) => wordsOf(input(name)).map((word) => `--${name}=${word}`)),
      ...(command === 'plan' && input('against') !== '' ? [`--against=${input('against')}`] : []),
      ...(command === 'plan' && input('counts-only') === 'true' ? ['--counts-only'] : []),
      ...(output === undefined || hasOutput ? [] : [`--output=${output}`]),
      ...args,
    ],
  }
}
