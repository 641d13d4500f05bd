import { expect, test } from 'vitest'
import { examplesOf, replayed } from '../support/checked-page.ts'
import {
  projectAfterTwoRuns,
  projectBeforeFirstRun,
  projectWithDrift,
} from '../support/questions-project.ts'

test.each([
  ['docs/checklist.md', projectBeforeFirstRun, 6],
  ['docs/questions.md', projectAfterTwoRuns, 6],
  ['docs/drift.md', projectWithDrift, 4],
])('commands say what %s says that they do', async (page, project, examples) => {
  expect(examplesOf(page).length).toBeGreaterThanOrEqual(examples)
  const { run } = await project()
  await expect(await replayed(page, run)).toMatchFileSnapshot(`../../${page}`)
})
