import { expect } from 'vitest'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import type { Mode } from '../../src/types.ts'
import type { TestProject } from '../support/project.ts'
import {
  asProperties,
  contacts,
  deleteSpool,
  expectBooksClosed,
  expectExit,
  expectNothingDoubled,
  type Person,
  setPeople,
  somePeople,
} from './people-project.ts'

/** Repeatable random numbers in [0, 1): mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Rows that join the model in each round. */
const newPerRound = 105
/** Changes that befall the model between a kill and the next run, in turn. */
const mutations = ['email', 'back', 'null', 'gone', 'other', 'none', 'none'] as const

/**
 * A project whose runs are killed again and again, while its model changes in between. HubSpot must end up as the mode
 * says after every clean run.
 */
export class KillRounds {
  readonly #project: TestProject
  readonly #sandbox: Sandbox
  readonly #mode: Mode
  readonly #random: () => number
  #round = 0
  #people: readonly Person[] = []
  /** Every version that a row ever had in the model, by key. */
  readonly #versions = new Map<number, Person[]>()

  constructor(project: TestProject, sandbox: Sandbox, mode: Mode, seed: number) {
    this.#project = project
    this.#sandbox = sandbox
    this.#mode = mode
    this.#random = seededRandom(seed)
  }

  /**
   * Has runs killed one after the other, with changes of the model before and after each kill; then runs undisturbed and
   * checks everything.
   */
  async play(kills: readonly ((project: TestProject) => Promise<unknown>)[]): Promise<void> {
    for (const kill of kills) await this.#playOne(kill)
    expectExit(await this.#project.run(['run']), 0)
    await this.check()
  }

  async #playOne(kill: (project: TestProject) => Promise<unknown>): Promise<void> {
    this.#round += 1
    const before = this.#people
    const first = (this.#round - 1) * newPerRound + 1
    const joined = somePeople(first, first + newPerRound - 1)
    if (this.#mode === 'update') this.#seedRecords(joined)
    await this.#build([...before.map((person) => this.#touched(person)), ...joined])
    await kill(this.#project)
    if (this.#round % 2 === 0) deleteSpool(this.#project)
    const known = new Map(before.map((person) => [person.id, person]))
    await this.#build(
      this.#people.flatMap((person, index) => this.#mutated(person, known.get(person.id), index)),
    )
  }

  async check(): Promise<void> {
    await expectBooksClosed(this.#project)
    if (this.#mode !== 'update') await expectNothingDoubled(this.#project, this.#sandbox)
    const state = new Map(
      (await this.#project.state('contacts')).map((row) => [Number(row['row_id']), row]),
    )
    const records = contacts(this.#sandbox)
    const emails = new Set([...records.values()].map(({ email }) => email))
    const present = new Set(this.#people.map(({ id }) => id))
    for (const person of this.#people) {
      const row = state.get(person.id)
      if (this.#mode === 'update' && row?.['status'] === 'skipped') {
        expect(emails.has(person.email), `row ${person.id} is skipped, its record exists`).toBe(
          false,
        )
        continue
      }
      expect(row?.['status'], `row ${person.id}`).toBe('succeeded')
      const record = records.get(String(row?.['record_id']))
      if (this.#mode === 'insert') {
        // Sent once: as some version of the row, whole.
        expect((this.#versions.get(person.id) ?? []).map(asProperties)).toContainEqual(record)
      } else expect(record, `row ${person.id}`).toEqual(asProperties(person))
    }
    const departed = [...state].filter(([id]) => !present.has(id))
    expect(departed.filter(([, row]) => row['status'] !== 'left')).toEqual([])
  }

  async #build(people: readonly Person[]): Promise<void> {
    this.#people = people
    for (const person of people) {
      const versions = this.#versions.get(person.id)
      if (versions === undefined) this.#versions.set(person.id, [person])
      else if (versions.at(-1) !== person) versions.push(person)
    }
    await setPeople(this.#project, people)
  }

  /** Before a run that is killed: most rows change, so that they are under way. */
  #touched(person: Person): Person {
    const chance = this.#random()
    if (chance < 0.4) return { ...person, firstName: `First${person.id}r${this.#round}` }
    if (chance < 0.6) return { ...person, nickname: null, revenue: this.#round }
    return person
  }

  /** Between kill and clean run. */
  #mutated(person: Person, before: Person | undefined, index: number): Person[] {
    const mutation = mutations[(index + this.#round) % mutations.length]
    switch (mutation) {
      case 'email':
        return [{ ...person, email: `p${person.id}.r${this.#round}@shop.example` }]
      case 'back':
        return [before ?? person]
      case 'null':
        return [{ ...person, firstName: null }]
      case 'gone':
        return this.#random() < 0.3 ? [] : [person]
      case 'other':
        return [{ ...person, nickname: `Nick${person.id}r${this.#round}` }]
      default:
        return [person]
    }
  }

  #seedRecords(people: readonly Person[]): void {
    this.#sandbox.seedRecords(
      'contacts',
      people.map(({ email }) => ({ email })),
    )
  }
}
