import { createSecretKey, randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { type Bytes, openStream, sealStream } from '../../../core/crypto/sealed-stream.ts'

const key = createSecretKey(randomBytes(32))
const chunk = 65_536
const sealedChunk = chunk + 16
const header = 14 + 32

async function* inPieces(bytes: Buffer, size = 10_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const seal = (plain: Buffer, name = 'a') => buffer(sealStream(key, name)(inPieces(plain)) as Bytes as never)
const open = (sealed: Buffer, name = 'a', with_ = key) => buffer(openStream(with_, name)(inPieces(sealed)) as never)
const refused = { code: 'DECRYPTION_FAILED' }

/** The chunks of a sealed stream, behind its header. */
function cut(sealed: Buffer): { readonly head: Buffer; readonly chunks: Buffer[] } {
  const chunks: Buffer[] = []
  for (let at = header; at < sealed.length; at += sealedChunk) chunks.push(sealed.subarray(at, at + sealedChunk))
  return { head: sealed.subarray(0, header), chunks }
}

test.each([0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk, 3 * chunk + 5])(
  '%d bytes come back as they were',
  async (size) => {
    const plain = randomBytes(size)
    const sealed = await seal(plain)
    expect(sealed.length).toBe(header + size + 16 * Math.max(1, Math.ceil(size / chunk)))
    expect((await open(sealed)).equals(plain)).toBe(true)
  },
)

test('two seals of one text have nothing in common', async () => {
  const plain = Buffer.alloc(100)
  const [one, other] = await Promise.all([seal(plain), seal(plain)])
  expect(one.subarray(header).equals(other.subarray(header))).toBe(false)
})

test('D2 a changed bit anywhere is refused', async () => {
  const sealed = await seal(randomBytes(chunk + 40))
  const places = [
    0,
    13,
    14,
    45,
    header,
    header + chunk,
    header + sealedChunk - 1,
    header + sealedChunk,
    sealed.length - 1,
  ]
  for (const at of places) {
    const changed = Buffer.from(sealed)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    await expect(open(changed), `byte ${at}`).rejects.toMatchObject(refused)
  }
})

test('D2 a stream that was cut short is refused, wherever it was cut', async () => {
  const sealed = await seal(randomBytes(2 * chunk + 40))
  const ends = [
    0,
    10,
    header - 1,
    header,
    header + 1,
    header + sealedChunk,
    header + 2 * sealedChunk,
    sealed.length - 1,
  ]
  for (const end of ends) {
    await expect(open(sealed.subarray(0, end)), `${end} bytes`).rejects.toMatchObject(refused)
  }
})

test('D2 chunks that were moved, left out, repeated, exchanged or added are refused', async () => {
  const { head, chunks } = cut(await seal(randomBytes(3 * chunk + 40)))
  const [a, b, c, d] = chunks as [Buffer, Buffer, Buffer, Buffer]
  const foreign = cut(await seal(randomBytes(3 * chunk + 40))).chunks[1] as Buffer
  const orders = [[b, a, c, d], [a, c, d], [a, b, b, c, d], [a, foreign, c, d], [a, b, c, d, d], [d], [a, b, c, d, c]]
  for (const order of orders) await expect(open(Buffer.concat([head, ...order]))).rejects.toMatchObject(refused)
  await expect(open(Buffer.concat([head, a, b, c, d]))).resolves.toHaveLength(3 * chunk + 40)
})

test('D2 another key or another name opens nothing', async () => {
  const sealed = await seal(randomBytes(100))
  await expect(open(sealed, 'b')).rejects.toMatchObject(refused)
  await expect(open(sealed, 'a', createSecretKey(randomBytes(32)))).rejects.toMatchObject(refused)
})

test('memory stays the same however long the stream is', async () => {
  const some = Buffer.alloc(1 << 20)
  async function* long() {
    for (let at = 0; at < 256; at += 1) yield some
  }
  let bytes = 0
  let most = 0
  for await (const plain of openStream(key, 'a')(sealStream(key, 'a')(long()))) {
    bytes += plain.length
    most = Math.max(most, process.memoryUsage().arrayBuffers)
  }
  expect(bytes).toBe(256 << 20)
  expect(most).toBeLessThan(160 << 20)
})
