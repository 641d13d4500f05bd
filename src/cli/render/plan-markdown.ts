import { formatProblem, type Problem, printable } from '../../errors.ts'
import { linkTotals, type Plan } from '../../plan/plan.ts'
import type { PlannedChange } from '../../plan/planned-changes.ts'
import type { Say, Sync } from '../../types.ts'
import type { Failure } from '../failure.ts'
import { describeRemoved, type RemovedSync } from '../run/against.ts'
import type { HeldSync } from '../run/gate-syncs.ts'
import { paintFor } from './paint.ts'
import { summarise } from './plan-counts.ts'
import type { Printer } from './plan-printers.ts'
import { renderLegend } from './plan-signs.ts'
import { isGuarded, planTotal } from './plan-total.ts'
import { renderChange } from './render-change.ts'
import { renderPlan } from './render-plan.ts'
import { countOf, numberOf } from './words.ts'

/**
 * Characters of the whole document. A comment on GitHub takes 65,536 at least ("Body is too long (maximum is 65536 characters)",
 * github.com/telia-oss/github-pr-resource/issues/259, checked 2026-11-26). The rest is for what a CI adds: a marker, the commit.
 */
const maxLength = 60_000

/** What a folded part costs beside its text: tags, name, fences, and the line that says what is left out. */
const frame = 400

/** Less than this is not worth a part of its own. */
const leastShare = frame + 400

/** Of the document for the table and for problems, so that the details never push them out. */
const maxTable = 20_000
const maxProblems = 10_000

/** Plans of one command as one Markdown document, for a pull request. */
export interface PlanDocument {
  /** Collects a plan and its changes as they come. */
  printer(sync: Sync, time: (plan: Plan) => number): Printer
  render(facts: PlanFacts): string
}

/** Commands to type next: a run of what is planned, and the plan again. */
export interface PlanCommands {
  readonly run: Say
  readonly plan: Say
}

/** What of the command is no plan. */
export interface PlanFacts {
  readonly targetName: string
  /** Absent where HubSpot was not asked, because everything is held. */
  readonly portalId?: string | undefined
  /** The lock that was read in place of HubSpot. */
  readonly lock?: string | undefined
  readonly held: readonly HeldSync[]
  readonly problems: readonly Problem[]
  /** Why there is no plan at all. */
  readonly nothing?: string | undefined
  /** The target whose state is compared with, where it is another one. */
  readonly against?: string | undefined
  /** Syncs of that target that the project does not define. */
  readonly removed?: readonly RemovedSync[]
}

interface Section {
  readonly plan: Plan
  readonly head: string
  readonly changes: string[]
  length: number
  left: number
}

const plain = paintFor(false)

/** Values are those of the text form: as `audit.values` allows. */
export function createPlanDocument(commands: PlanCommands): PlanDocument {
  const sections: Section[] = []
  const operations = new Set<PlannedChange['operation']>()
  const keep = (section: Section | undefined, changes: readonly PlannedChange[]) => {
    if (section === undefined) return
    for (const change of changes) {
      // What cannot be shown anyway is not kept: `--all` of a first run is every row.
      if (section.length > maxLength) return
      operations.add(change.operation)
      const text = clean(renderChange(change, plain))
      section.length += text.length + 1
      section.changes.push(text)
    }
  }
  return {
    printer(sync, time) {
      let section: Section | undefined
      return {
        plan(plan, changes) {
          const head = clean(
            renderPlan(plan, sync, [], plain, { say: commands.run, seconds: time(plan) }),
          )
          section = { plan, head, changes: [], length: head.length, left: 0 }
          sections.push(section)
          keep(section, changes)
        },
        more: (changes) => keep(section, changes),
        end(_, _shown, all) {
          if (section !== undefined) section.left = all - section.changes.length
        },
      }
    },
    render: (facts) =>
      renderDocument(sections, facts, renderLegend(operations, plain).trim(), commands),
  }
}

/** The document of a command that ended before its end. */
export function failureMarkdown({ category, message, hint }: Failure): string {
  const text = clean([message, ...(hint === undefined ? [] : [hint])].join('\n'))
  return `### Backhaul plan\n\n**There is no plan: ${category}**\n\n${fenced(cut(text, maxProblems))}\n`
}

function renderDocument(
  sections: readonly Section[],
  facts: PlanFacts,
  legend: string,
  commands: PlanCommands,
): string {
  const { targetName, portalId, lock, held, problems, nothing, against, removed = [] } = facts
  const rows = [
    ...sections.map(({ plan }) => tableRow(plan)),
    ...held.map(
      ({ sync, why }) =>
        `| ${code(sync.name)} | ${escaped(sync.object)} | held: ${escaped(why)} | – |`,
    ),
  ]
  const target =
    against === undefined
      ? `target ${code(targetName)}`
      : `models of target ${code(targetName)} against the state of ${code(against)}`
  const unasked =
    lock === undefined ? '' : `, which was not asked: what it says is in ${code(lock)}`
  const where = `${target}${portalId === undefined ? '' : `, portal ${portalId}`}${unasked}`
  const said = clean(problems.map(formatProblem).join('\n'))
  const parts = [
    `### Backhaul plan\n\n**${planTotal(
      sections.map(({ plan }) => plan),
      held.length,
    )}** (${where})`,
    ...(nothing === undefined ? [] : [escaped(nothing)]),
    ...(rows.length === 0 ? [] : [table(rows)]),
    ...(removed.length === 0 || against === undefined
      ? []
      : [escaped(describeRemoved(removed, against))]),
    ...(problems.length === 0
      ? []
      : [`**${countOf(problems.length, 'problem')}**`, fenced(cut(said, maxProblems))]),
  ]
  const end = [...(legend === '' ? [] : [`\`${legend}\``]), 'Nothing was sent to HubSpot.']
  const used = [...parts, ...end].reduce((sum, part) => sum + part.length + 2, 0)
  return `${[...parts, ...details(sections.filter(isTelling), maxLength - used, commands), ...end].join('\n\n')}\n`
}

function tableRow(plan: Plan): string {
  const guards = plan.guards.map(({ guard }) => code(guard)).join(', ')
  const what = escaped(summarise(plan).join(', '))
  const told = isGuarded(plan) ? `**guarded** (${guards}), nothing would be written: ${what}` : what
  return `| ${code(plan.sync)} | ${escaped(plan.object)} | ${told} | ${numberOf(plan.calls.writes)} |`
}

function table(rows: readonly string[]): string {
  const head = '| Sync | Object | What a run would do | Write calls |\n| --- | --- | --- | ---: |'
  let length = head.length
  const shown = rows.filter((row) => {
    length += row.length + 1
    return length <= maxTable
  })
  const left = rows.length - shown.length
  return [head, ...shown, ...(left === 0 ? [] : [`| … ${numberOf(left)} more | | | |`])].join('\n')
}

/** There is more to say than the table does. */
const isTelling = ({ plan, changes, left }: Section): boolean =>
  changes.length > 0 ||
  left > 0 ||
  plan.warnings.length > 0 ||
  (plan.edits ?? []).length > 0 ||
  plan.rejects.length > 0 ||
  isGuarded(plan) ||
  plan.waits.length > 0 ||
  linkTotals(plan.links).waiting > 0 ||
  (plan.links?.entries ?? []).some(({ stay }) => stay > 0)

/** A folded part for each sync; where there is no room for all that they say each gets a fair share. */
function details(
  sections: readonly Section[],
  room: number,
  commands: PlanCommands,
): readonly string[] {
  const shown = sections.slice(0, Math.max(0, Math.floor(room / leastShare)))
  const shares = fairShares(
    shown.map(({ length }) => length + frame),
    room,
  )
  const left = sections.length - shown.length
  return [
    ...shown.map((section, index) => detail(section, (shares[index] ?? 0) - frame, commands)),
    ...(left === 0 ? [] : [`… and the details of ${countOf(left, 'more sync')}`]),
  ]
}

function detail(
  { plan, head, changes, left }: Section,
  room: number,
  commands: PlanCommands,
): string {
  const lines = [cut(head, room)]
  let length = head.length
  for (const change of changes) {
    length += change.length + 1
    if (length > room) break
    lines.push(change)
  }
  const missing = left + changes.length - (lines.length - 1)
  if (missing > 0) {
    lines.push(
      `    … ${numberOf(missing)} more: ${commands.plan(`plan --select sync:${plan.sync} --all`)} shows every one`,
    )
  }
  const summary = `<summary><code>${html(cut(plan.sync, 100))}</code></summary>`
  return `<details>${summary}\n\n${fenced(lines.join('\n'))}\n\n</details>`
}

/**
 * Divides `room` among texts: those that need less than an even share get what they need, the others share the rest evenly.
 *
 * @returns in the order of `needs`; their sum is at most `room`
 */
export function fairShares(needs: readonly number[], room: number): readonly number[] {
  const shares = needs.map(() => 0)
  let rest = Math.max(0, room)
  const bySize = needs.map((need, index) => ({ need, index })).sort((a, b) => a.need - b.need)
  for (const [place, { need, index }] of bySize.entries()) {
    const share = Math.min(need, Math.floor(rest / (bySize.length - place)))
    shares[index] = share
    rest -= share
  }
  return shares
}

/** Without what a comment cannot hold; long words are cut, and no run of backticks needs a long fence. */
const clean = (text: string): string =>
  printable(text, '\n\t\u200e').replaceAll(/`{9}(?=`)/g, '$&\u200B')

/** At most `length` characters, and says that it was cut. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text
  // A character of two halves is not cut in the middle.
  return `${text.slice(0, Math.max(0, length - 2)).replace(/[\uD800-\uDBFF]$/, '')} …`
}

/** A block in which nothing is Markdown: its fence is longer than any run of backticks in it. */
function fenced(text: string): string {
  const runs = text.match(/`{3,}/g) ?? []
  const fence = '`'.repeat(runs.reduce((longest, run) => Math.max(longest, run.length + 1), 3))
  return `${fence}text\n${text}\n${fence}`
}

const html = (text: string): string =>
  printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Names in a cell or a sentence, in which they mean nothing else. */
const code = (text: string): string =>
  /^[\w .:-]{1,100}$/.test(text) ? `\`${text}\`` : `<code>${inert(text)}</code>`

/** Prose in a cell or a sentence that begins no Markdown, mentions nobody and refers to no issue. */
const escaped = (text: string): string => inert(text.replaceAll(/[@#]/g, '$&\u200B'))

const inert = (text: string): string =>
  html(cut(text, 500)).replaceAll(
    /[\\`*~[\]|]|(?<!\w)_|_(?!\w)/g,
    (sign) => `&#${sign.charCodeAt(0)};`,
  )
