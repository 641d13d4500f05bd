import { createHash } from 'node:crypto'

/** What GitHub takes; `plan --output markdown` stays below it. */
const longestComment = 65_536

const pageSize = 100

/** Pages of comments that are looked through for ours: 3,000 comments. */
const mostPages = 30

/** Who may write to the repository. What others say in a public one could be a plan that they change as they like. */
const writers = ['OWNER', 'MEMBER', 'COLLABORATOR']

/**
 * @typedef {object} Comment
 * @property {number} id
 * @property {string} [body]
 * @property {{ type: string } | null} user
 * @property {string} author_association
 */

/** How long GitHub may take for one answer. */
const timeoutMs = 30_000

/** The line by which a comment is found again: invisible, and different for plans of different things. @param {string} key */
export const markerOf = (key) =>
  `<!-- backhaul plan ${createHash('sha256').update(key).digest('hex').slice(0, 16)} -->`

/**
 * Writes the one comment of this plan: in place of the one that is there, else a new one.
 *
 * @param {object} request
 * @param {string} request.apiUrl such as https://api.github.com
 * @param {string} request.repository owner/name
 * @param {number} request.number of the pull request
 * @param {string} request.token
 * @param {string} request.marker
 * @param {string} request.text Markdown
 * @returns {Promise<{ url: string } | { problem: string }>} never throws: a comment is never a reason to fail
 */
export async function writeComment({ apiUrl, repository, number, token, marker, text }) {
  const issues = `${apiUrl}/repos/${repository}/issues`
  const whole = `${marker}\n${text}`
  const body =
    whole.length <= longestComment
      ? whole
      : `${marker}\nThe plan is too long for a comment: it is in the summary of the job.`
  /** @param {string} method @param {string} url @param {object} [sent] */
  const ask = (method, url, sent) => askGithub(method, url, token, sent)
  try {
    for (let page = 1; page <= mostPages; page++) {
      const found = await ask(
        'GET',
        `${issues}/${number}/comments?per_page=${pageSize}&page=${page}`,
      )
      if (!found.ok) return { problem: found.problem }
      const comments = /** @type {Comment[]} */ (found.answer)
      for (const { id, body: old, user, author_association } of comments) {
        if (old?.startsWith(marker) !== true) continue
        if (user?.type !== 'Bot' && !writers.includes(author_association)) continue
        // Anybody can write the marker; what this token may not change is somebody else's.
        const changed = await ask('PATCH', `${issues}/comments/${id}`, { body })
        if (changed.ok) return { url: urlOf(changed.answer) }
        if (![403, 404].includes(changed.status)) return { problem: changed.problem }
      }
      if (comments.length < pageSize) break
    }
    const made = await ask('POST', `${issues}/${number}/comments`, { body })
    return made.ok ? { url: urlOf(made.answer) } : { problem: made.problem }
  } catch (error) {
    return {
      problem: `GitHub could not be reached: ${error instanceof Error ? error.message : error}`,
    }
  }
}

/** @param {unknown} answer @returns {string} */
const urlOf = (answer) => /** @type {{ html_url?: string }} */ (answer).html_url ?? ''

/**
 * @param {string} method @param {string} url @param {string} token @param {object} [sent]
 * @returns {Promise<{ ok: boolean, status: number, answer: unknown, problem: string }>}
 */
async function askGithub(method, url, token, sent) {
  const response = await fetch(url, {
    method,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'user-agent': 'backhaul-action',
      'x-github-api-version': '2022-11-28',
    },
    signal: AbortSignal.timeout(timeoutMs),
    ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
  })
  const text = await response.text()
  const { ok, status } = response
  if (ok) return { ok, status, answer: JSON.parse(text), problem: '' }
  const { pathname } = new URL(url)
  return {
    ok,
    status,
    answer: undefined,
    problem: `${method} ${pathname} was answered with ${status}`,
  }
}
