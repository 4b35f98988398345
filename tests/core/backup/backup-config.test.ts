import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { ConfigError, parseConfig } from '../../../core/config.ts'

const secret = () => randomBytes(32).toString('base64')
const base = {
  NODE_ENV: 'production',
  BYOK_MASTER_KEY: secret(),
  BYOK_MASTER_KEY_PREVIOUS: secret(),
  SESSION_SECRET: secret(),
}
const folder = { OORT_BACKUP_TARGET: 'file:///var/backups/oort', OORT_BACKUP_KEY: secret() }
const backups = (env: object) => parseConfig({ ...base, ...env }).backups

test('without a target there are no backups, and no key is asked for', () => {
  expect(backups({})).toBeUndefined()
  expect(backups({ OORT_BACKUP_TARGET: '' })).toBeUndefined()
})

test('a folder, with 30 days unless fewer are asked for', () => {
  expect(backups(folder)).toEqual({
    key: folder.OORT_BACKUP_KEY,
    target: { kind: 'folder', path: '/var/backups/oort' },
    keepDays: 30,
  })
  expect(backups({ ...folder, OORT_BACKUP_KEEP_DAYS: '7' })?.keepDays).toBe(7)
})

test('a bucket, of Amazon’s by the credentials of the machine or of another service by its own', () => {
  const bucket = { ...folder, OORT_BACKUP_TARGET: 's3://a-bucket/some/prefix/' }
  expect(backups(bucket)?.target).toEqual({
    kind: 's3',
    bucket: 'a-bucket',
    prefix: 'some/prefix/',
    endpoint: undefined,
    region: 'us-east-1',
    credentials: undefined,
  })
  const elsewhere = {
    OORT_BACKUP_TARGET: 's3://a-bucket',
    OORT_BACKUP_S3_ENDPOINT: 'https://s3.example.com',
    OORT_BACKUP_S3_REGION: 'fra1',
    OORT_BACKUP_S3_ACCESS_KEY_ID: 'id',
    OORT_BACKUP_S3_SECRET_ACCESS_KEY: 'secret',
  }
  expect(backups({ ...bucket, ...elsewhere })?.target).toMatchObject({
    prefix: '',
    endpoint: 'https://s3.example.com',
    region: 'fra1',
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
  })
})

test.each([
  ['D2 more than 30 days', { OORT_BACKUP_KEEP_DAYS: '31' }, 'OORT_BACKUP_KEEP_DAYS'],
  ['no days', { OORT_BACKUP_KEEP_DAYS: '0' }, 'OORT_BACKUP_KEEP_DAYS'],
  ['no key', { OORT_BACKUP_KEY: '' }, 'OORT_BACKUP_KEY'],
  ['K7 a short key', { OORT_BACKUP_KEY: 'short' }, 'OORT_BACKUP_KEY'],
  ['K7 the example key', { OORT_BACKUP_KEY: 'change-me-change-me-change-me-change-me' }, 'OORT_BACKUP_KEY'],
  ['the master key', { OORT_BACKUP_KEY: base.BYOK_MASTER_KEY }, 'must differ'],
  ['the master key before', { OORT_BACKUP_KEY: base.BYOK_MASTER_KEY_PREVIOUS }, 'must differ'],
  ['the session secret', { OORT_BACKUP_KEY: base.SESSION_SECRET }, 'must differ'],
  ['a relative folder', { OORT_BACKUP_TARGET: 'backups' }, 'OORT_BACKUP_TARGET'],
  ['a folder of another host', { OORT_BACKUP_TARGET: 'file://host/folder' }, 'OORT_BACKUP_TARGET'],
  ['another protocol', { OORT_BACKUP_TARGET: 'https://example.com/bucket' }, 'OORT_BACKUP_TARGET'],
  ['half of the credentials', { OORT_BACKUP_TARGET: 's3://bucket', OORT_BACKUP_S3_ACCESS_KEY_ID: 'x' }, 'go together'],
])('is refused: %s', (_what, env, named) => {
  expect(() => backups({ ...folder, ...env })).toThrow(ConfigError)
  expect(() => backups({ ...folder, ...env })).toThrow(named)
})

test('what is refused is named, and its value is not', () => {
  const message = (() => {
    try {
      backups({ ...folder, OORT_BACKUP_KEY: base.SESSION_SECRET })
      return ''
    } catch (error) {
      return String(error)
    }
  })()
  expect(message).toContain('OORT_BACKUP_KEY')
  expect(message).not.toContain(base.SESSION_SECRET)
})
