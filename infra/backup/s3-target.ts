import { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  NoSuchKey,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import type { BackupTarget } from '../../core/backup/backup-config.ts'
import { hour, minute, second } from '../../core/clock.ts'
import type { Bytes } from '../../core/crypto/sealed-stream.ts'
import { ObjectMissing, type Target } from './target.ts'

/** Of each, S3 takes 10,000: 160 GB in one object. Two in flight bound the memory. */
const part = { partSize: 16 * 1024 * 1024, queueSize: 2 }

/** Objects of a bucket, of Amazon's or of any service that speaks its protocol. */
export function openS3Target({
  bucket,
  prefix,
  endpoint,
  region,
  credentials,
}: BackupTarget & { readonly kind: 's3' }): Target {
  const client = new S3Client({
    region,
    ...(credentials === undefined ? {} : { credentials }),
    // Other services seldom have a name for each bucket, nor the checksums in trailers that Amazon has.
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 10 * second, requestTimeout: 5 * minute },
  })
  const keyOf = (name: string) => ({ Bucket: bucket, Key: `${prefix}${name}` })
  return {
    async put(name, bytes) {
      const body = Readable.from(bytes, { objectMode: false })
      await new Upload({ client, params: { ...keyOf(name), Body: body }, ...part }).done()
    },
    async get(name) {
      try {
        const { Body } = await client.send(new GetObjectCommand(keyOf(name)))
        if (Body === undefined) throw new ObjectMissing()
        return Body as unknown as Bytes
      } catch (error) {
        if (error instanceof NoSuchKey) throw new ObjectMissing()
        throw error
      }
    },
    async list() {
      const names: string[] = []
      for await (const { Contents } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
        for (const { Key } of Contents ?? []) if (Key !== undefined) names.push(Key.slice(prefix.length))
      }
      return names.filter((name) => !name.includes('/')).sort()
    },
    async remove(name) {
      await client.send(new DeleteObjectCommand(keyOf(name)))
    },
    async sweep() {
      const { Uploads } = await client
        .send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix }))
        .catch(noneWhereUnknown)
      for (const { Key, UploadId, Initiated } of Uploads ?? []) {
        // Another process may be at a younger one.
        if (Initiated === undefined || Date.now() - Initiated.getTime() < hour) continue
        await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }))
      }
    },
    close: () => client.destroy(),
  }
}

/** Some services do not list what was interrupted: there it is left to a rule of the bucket's own. */
function noneWhereUnknown(error: unknown): { readonly Uploads?: undefined } {
  if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 501) return {}
  throw error
}
