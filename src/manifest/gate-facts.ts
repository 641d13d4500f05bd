import type { HoldCause, Manifest, Test } from '../types.ts'
import type { NodeResult, RunResults } from './run-results.ts'
import type { Steps } from './steps.ts'

/** What the gate judges by. */
export interface Facts {
  readonly manifest: Manifest
  readonly joined: Steps
  /** Tests by the `unique_id` of what they test. */
  readonly tests: ReadonlyMap<string, readonly Test[]>
  readonly hasDefaultSelector: boolean
}

export const FAILED: readonly string[] = ['fail', 'error', 'runtime error']

export const testsOf = (id: string, { tests }: Facts): readonly Test[] => tests.get(id) ?? []

/** The tests of a node that failed, those of severity `warn` left out: dbt says `warn` of them. */
export const failedTests = (node: string, facts: Facts): readonly HoldCause[] =>
  testsThatEnded(FAILED, node, facts)

/** Of a node that was built: after `--fail-fast`, or below another node that failed. Nobody knows how they would have ended. */
export const skippedTests = (node: string, facts: Facts): readonly HoldCause[] =>
  testsThatEnded(['skipped'], node, facts)

/**
 * Tests that a build came to an end before: an interrupted dbt leaves results without what it did not reach. Of the whole project all
 * belong to it, of a choice those of the models in it, unless something may have left them out.
 * Said only of a build whose own manifest this is, and of dbt 1, which records what was chosen. dbt does not run the unit
 * tests of packages.
 */
export function unreachedTests(
  node: string,
  own: NodeResult | undefined,
  facts: Facts,
): readonly HoldCause[] {
  const { manifest, joined } = facts
  const hasTests = joined.steps.some(
    (step) =>
      step.command === 'build' &&
      step.isRetry !== true &&
      step.dbtVersion.startsWith('1.') &&
      (isOfWholeProject(step, facts) || isChoiceWithTests(step)) &&
      step.invocationId === manifest.invocationId &&
      step.results.has(node),
  )
  if (own === undefined || !hasTests) return []
  return testsOf(node, facts).flatMap(({ uniqueId, kind }) =>
    kind === 'data' && !joined.results.has(uniqueId)
      ? [{ node, test: uniqueId, status: 'not run' }]
      : [],
  )
}

export const isOfWholeProject = (
  { isWholeProject }: RunResults,
  { hasDefaultSelector }: Facts,
): boolean => isWholeProject === true && !hasDefaultSelector

/** A default selector chooses where nothing is selected. */
const isChoiceWithTests = ({ isWholeProject, takesTestsAlong }: RunResults): boolean =>
  isWholeProject !== true && takesTestsAlong === true

function testsThatEnded(
  statuses: readonly string[],
  node: string,
  facts: Facts,
): readonly HoldCause[] {
  return testsOf(node, facts).flatMap(({ uniqueId }) => {
    const status = facts.joined.results.get(uniqueId)?.status
    return status !== undefined && statuses.includes(status)
      ? [{ node, test: uniqueId, status }]
      : []
  })
}

export const hasRun = (result: NodeResult | undefined): boolean =>
  result !== undefined && result.status !== 'skipped'

export function testsByNode(tests: readonly Test[]): ReadonlyMap<string, readonly Test[]> {
  const byNode = new Map<string, Test[]>()
  for (const test of tests) {
    for (const id of testedNodes(test)) {
      const others = byNode.get(id)
      if (others === undefined) byNode.set(id, [test])
      else others.push(test)
    }
  }
  return byNode
}

/**
 * What a test speaks of: the tested node, else everything it reads
 * (a `relationships` test reads two models but tests one; a singular test names none).
 */
function testedNodes(test: Test): readonly string[] {
  if (test.attachedNode !== undefined) return [test.attachedNode]
  return test.kind === 'unit' ? test.dependsOn.slice(0, 1) : test.dependsOn
}
