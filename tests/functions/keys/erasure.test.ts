import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import SqliteDatabase from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from '../../support/browser.ts'
import { bytesIn, createByteSearch } from '../../support/byte-search.ts'
import { addKey, freshKey, type KeysLab, openLab } from './lab.ts'

let lab: KeysLab
beforeAll(async () => {
  lab = await openLab({ OORT_LOG_LEVEL: 'trace' })
})
afterAll(() => lab[Symbol.asyncDispose]())

interface SealedBytes {
  readonly iv: Buffer
  readonly tag: Buffer
  readonly ciphertext: Buffer
}

/** Looks up what the disk holds of a key at this moment. */
async function withSealedBytes<T>(work: (lookUp: (id: string) => SealedBytes) => Promise<T> | T): Promise<T> {
  const connection = new SqliteDatabase(`${lab.oort.dataDir}/oort.db`, { readonly: true })
  try {
    const row = connection.prepare<[string], SealedBytes>(
      'SELECT secret_iv AS iv, secret_tag AS tag, secret_ciphertext AS ciphertext FROM provider_keys WHERE id = ?',
    )
    return await work((id) => {
      const found = row.get(id)
      if (found === undefined) throw new Error(`${id} is not stored`)
      return found
    })
  } finally {
    connection.close()
  }
}

/** The places of the secrets of which anything is in a file of the database or in the log. */
async function found(secrets: readonly (string | Buffer)[]): Promise<Set<number>> {
  const bytes = Buffer.concat([await bytesIn(lab.oort.dataDir), Buffer.from(lab.oort.log())])
  return createByteSearch(secrets)(bytes)
}

/** What goes on beside a test until the test is over. */
interface Beside extends AsyncDisposable {
  /** How often so far. */
  turns(): number
}

/** A connection of another thread that takes snapshots, holds each for a moment and lets it go. */
function holdReads(): Beside {
  const worker = new Worker(new URL('./hold-reads.ts', import.meta.url), { workerData: `${lab.oort.dataDir}/oort.db` })
  let snapshots = 0
  worker.on('message', (count) => {
    snapshots = Number(count)
  })
  return {
    turns: () => snapshots,
    async [Symbol.asyncDispose]() {
      worker.postMessage('stop')
      await once(worker, 'exit')
    },
  }
}

/** Somebody who reads and writes all the time. */
function keepBusy(user: Browser, keyId: string): Beside {
  let turns = 0
  let stopped = false
  const work = async () => {
    for (; !stopped; turns += 1) {
      await user.send('PATCH', `/api/keys/${keyId}`, { body: { label: `turn ${turns}` } })
      await user.get('/api/keys')
    }
  }
  const working = work()
  return {
    turns: () => turns,
    async [Symbol.asyncDispose]() {
      stopped = true
      await working
    },
  }
}

interface Planted {
  readonly user: Browser
  readonly id: string
  readonly key: string
  readonly sealed: SealedBytes
}

/** Adds keys and notes what the disk holds of them. */
function plant(user: Browser, count: number): Promise<Planted[]> {
  return withSealedBytes((lookUp) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const key = freshKey()
        const { id } = await addKey(user, key)
        return { user, id, key, sealed: lookUp(id) }
      }),
    ),
  )
}

const onDisk = (planted: readonly Planted[]) =>
  planted.flatMap(({ sealed }) => [sealed.ciphertext, sealed.iv, sealed.tag])

describe('D1 the search itself', () => {
  const secret = 'sk-proj-0123456789abcdefghijklmnopqrstuv'

  test.each([
    ['as it is', secret],
    ['in hexadecimal', Buffer.from(secret).toString('hex')],
    ['in capital hexadecimal', Buffer.from(secret).toString('hex').toUpperCase()],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in base64, in the middle of something', Buffer.from(`{"key":"${secret}"}`).toString('base64')],
    ['in base64, one byte further', Buffer.from(`{"key": "${secret}"}`).toString('base64')],
    ['in base64url', Buffer.from(`{"key":  "${secret}"}`).toString('base64url')],
    ['in half', secret.slice(16)],
  ])('finds a secret %s', (_how, text) => {
    expect(createByteSearch([secret])(Buffer.from(`before ${text} after`)).size).toBe(1)
  })

  test('finds nothing where nothing is', () => {
    expect(createByteSearch([secret])(Buffer.from('sk-proj- 0123456789 '.repeat(1_000))).size).toBe(0)
  })
})

describe('D1 nothing of a key stays on the disk', () => {
  test('after 1,000 keys are deleted under load, with a reader open', { timeout: 90_000 }, async () => {
    const busy = await lab.oort.signedIn()
    const [kept] = await plant(busy, 1)
    if (kept === undefined) throw new Error('nothing was planted')
    await using reader = holdReads()
    await using load = keepBusy(busy, kept.id)

    const users = await Promise.all(Array.from({ length: 20 }, () => lab.oort.signedIn()))
    const planted = (await Promise.all(users.map((user) => plant(user, 50)))).flat()
    expect(planted).toHaveLength(1_000)
    const sealed = onDisk(planted)
    expect((await found(sealed)).size).toBe(sealed.length)

    const gone: Planted[] = []
    for (let round = 0; round < 20; round += 1) {
      const batch = planted.slice(round * 50, (round + 1) * 50)
      await Promise.all(
        batch.map(async ({ user, id }) => {
          const answer = await user.delete(`/api/keys/${id}`)
          expect([answer.status, answer.json()]).toEqual([200, { bytesErased: true }])
        }),
      )
      gone.push(...batch)
      if (round % 5 === 4) expect(await found(onDisk(gone))).toEqual(new Set())
    }
    expect(await found([...sealed, ...planted.map(({ key }) => key)])).toEqual(new Set())
    expect((await found([kept.sealed.ciphertext])).size).toBe(1)

    expect(Math.min(load.turns(), reader.turns())).toBeGreaterThan(20)
  })

  test('after a key is replaced', async () => {
    const user = await lab.oort.signedIn()
    const planted = await plant(user, 50)
    expect((await found(onDisk(planted))).size).toBe(150)
    for (const { id } of planted) {
      const answer = await user.send('PUT', `/api/keys/${id}`, { body: { key: freshKey() } })
      expect(answer.json()).toMatchObject({ id, bytesErased: true })
    }
    expect(await found([...onDisk(planted), ...planted.map(({ key }) => key)])).toEqual(new Set())
  })

  test('and the answer says so when a reader keeps it there', async () => {
    const user = await lab.oort.signedIn()
    const planted = await plant(user, 1)
    const reading = new SqliteDatabase(`${lab.oort.dataDir}/oort.db`, { readonly: true })
    reading.exec('BEGIN')
    reading.prepare('SELECT count(*) FROM provider_keys').get()
    const answer = await user.delete(`/api/keys/${planted[0]?.id}`)
    expect([answer.status, answer.json()]).toEqual([200, { bytesErased: false }])
    expect((await found(onDisk(planted))).size).toBeGreaterThan(0)
    reading.exec('COMMIT')
    reading.close()
    expect(await lab.oort.platform.eraseTraces()).toBe(true)
    expect(await found(onDisk(planted))).toEqual(new Set())
  })
})
