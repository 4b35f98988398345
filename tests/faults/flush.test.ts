import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chanceOf, extent } from '../support/extent.ts'
import { figure } from '../support/figure.ts'
import { sound } from './examine.ts'
import { type House, openHouse } from './house.ts'
import { everyChange, type Person } from './person.ts'
import { canTrace, trace } from './trace.ts'

const calls = ['-e', 'trace=pwrite64,pwritev,write,writev,fsync,fdatasync,sendto,sendmsg']

let house: House
let pid: number
let origin: string
beforeAll(async () => {
  house = await openHouse()
  const { child, origin: listening } = house.router()
  origin = await listening
  pid = child.pid ?? 0
})
afterAll(() => house[Symbol.asyncDispose]())

/** What the router did to its write-ahead log until an answer went out. */
interface Answered {
  readonly written: boolean
  readonly flushed: boolean
}

/** The answers that a trace shows, in their order. */
function answersIn(lines: readonly string[]): Answered[] {
  const answers: Answered[] = []
  let written = false
  let flushed = true
  let probes = 0
  for (const line of lines) {
    if (/^(?:pwrite64|pwritev|write)\(\d+<[^>]*oort\.db-wal>/.test(line)) {
      written = true
      flushed = false
    } else if (/^(?:fsync|fdatasync)\(\d+<[^>]*oort\.db-wal>\) += 0/.test(line)) {
      flushed = true
    } else if (line.includes('"HEAD /healthz HTTP/1.1')) {
      // The router asks itself how it is, which changes nothing.
      probes += 1
    } else if (/^(?:write|writev|sendto|sendmsg)\(\d+<(?:socket|TCP)[^>]*>.*"HTTP\/1\.1 /.test(line)) {
      if (probes > 0 && !written) {
        probes -= 1
        continue
      }
      answers.push({ written, flushed })
      written = false
    }
  }
  return answers
}

describe.skipIf(!canTrace)('R2 every acknowledgement is preceded by a flush of the write-ahead log to disk', () => {
  test('R2 one change of each kind after another: each is written and flushed before its answer', async () => {
    const person = house.person({ origin, chance: chanceOf('one after another') })
    const changes = ['sign up', 'add a key', 'issue an API key', ...everyChange.slice(0, -2)] as const
    const following = await trace(pid, calls)
    const made: string[] = []
    for (const change of [...changes, 'sign out everywhere', 'sign in', 'delete the account'] as const) {
      const step = await person.step(change)
      expect([step.change, step.answer.status < 300]).toEqual([change, true])
      // To learn its id is a request more.
      made.push(...(change === 'sign up' ? [change, 'me'] : [change]))
    }
    const answers = answersIn(await following.end())
    // That it lives is written once in ten seconds, and then before any answer.
    const due = made.map((change) => [change, { written: change === 'me' ? expect.any(Boolean) : true, flushed: true }])
    expect(answers.map((answer, at) => [made[at], answer])).toEqual(due)
  })

  test('R2 under load no answer goes out while anything in the log waits to be flushed', async ({ task, annotate }) => {
    const crowd = Array.from({ length: 4 }, (_, at) => house.person({ origin, chance: chanceOf(`flush ${at}`) }))
    const following = await trace(pid, calls)
    const work = async (person: Person): Promise<void> => {
      for (let count = 0; count < extent(15, 500); count += 1) {
        const { change, answer } = await person.step()
        expect([change, answer.status < 300]).toEqual([change, true])
      }
    }
    await Promise.all(crowd.map(work))
    const answers = answersIn(await following.end())
    expect(answers.length).toBeGreaterThanOrEqual(4 * extent(15, 500))
    expect(answers.filter(({ flushed }) => !flushed)).toEqual([])
    expect(await house.findings()).toMatchObject(sound)
    const counted = `${answers.length} answers, all after their flush`
    figure(task, counted)
    await annotate(counted)
  })
})
