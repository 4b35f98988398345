import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Written in CommonJS and without types. */
interface Server {
  run(): Promise<AddressInfo>
  close(): Promise<void>
}

const S3Server = createRequire(import.meta.url)('@20minutes/s3rver') as new (options: object) => Server

/** A server of S3's protocol with one bucket, on this machine alone. It knows one access key. */
export async function startS3() {
  const directory = await mkdtemp(join(tmpdir(), 'oort-s3-'))
  const bucket = 'oort-backups'
  const server = new S3Server({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    // It leaves the slash after the bucket's name out of what it signs, which Amazon and its SDK do not.
    allowMismatchedSignatures: true,
    directory,
    configureBuckets: [{ name: bucket }],
  })
  const { port } = await server.run()
  return {
    /** Where it keeps what it is given. */
    directory,
    env: {
      OORT_BACKUP_TARGET: `s3://${bucket}/a/prefix`,
      OORT_BACKUP_S3_ENDPOINT: `http://127.0.0.1:${port}`,
      OORT_BACKUP_S3_ACCESS_KEY_ID: 'S3RVER',
      OORT_BACKUP_S3_SECRET_ACCESS_KEY: 'S3RVER',
    },
    async close() {
      await server.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
