import { expect, test } from 'vitest'
import { markerOf, writeComment } from '../../action/comment.mjs'
import { fakeGithub } from '../support/github-action.ts'

const words = (url: string, text = 'plan') => ({
  apiUrl: url,
  repository: 'shop/warehouse',
  number: 5,
  token: 'secret',
  marker: markerOf('dbt ci'),
  text,
})

const byMember = { user: { type: 'User' }, author_association: 'MEMBER' } as const

test('a comment is written once, found again on any page, and changed', async () => {
  const github = await fakeGithub()
  for (let id = 1; id <= 101; id++) {
    github.comments.push({ ...byMember, id, body: `> ${markerOf('dbt ci')}\nquoted` })
  }
  expect(await writeComment(words(github.url))).toEqual({ url: 'https://github.example/c/1101' })
  expect(await writeComment(words(github.url, 'newer'))).toHaveProperty('url')
  expect(github.comments).toHaveLength(102)
  expect(github.comments.at(-1)?.body).toBe(`${markerOf('dbt ci')}\nnewer`)
  expect(github.requests.map(({ method }) => method)).toEqual(
    'GET GET POST GET GET PATCH'.split(' '),
  )
  await writeComment({ ...words(github.url), marker: markerOf('dbt prod') })
  expect(github.comments).toHaveLength(103)
})

test('a comment of somebody else that looks like ours is left alone', async () => {
  const github = await fakeGithub()
  const fake = { body: `${markerOf('dbt ci')}\nfake`, user: { type: 'User' } } as const
  github.comments.push({ ...fake, id: 1, author_association: 'MEMBER', isForeign: true })
  github.comments.push({ ...fake, id: 2, author_association: 'NONE' })
  await writeComment(words(github.url))
  await writeComment(words(github.url, 'newer'))
  expect(github.comments.map(({ body }) => body.split('\n')[1])).toEqual(['fake', 'fake', 'newer'])
})

test('a comment that cannot be written is told, and is no error', async () => {
  const github = await fakeGithub()
  expect(await writeComment(words(github.url, 'x'.repeat(70_000)))).toHaveProperty('url')
  expect(github.comments[0]?.body).toContain('too long for a comment')
  github.refusal = 502
  expect(await writeComment(words(github.url))).toEqual({
    problem: 'PATCH /repos/shop/warehouse/issues/comments/1000 was answered with 502',
  })
  expect(await writeComment(words('http://127.0.0.1:9'))).toMatchObject({
    problem: expect.stringContaining('GitHub could not be reached'),
  })
})
