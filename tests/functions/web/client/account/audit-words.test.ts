import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AuditEvent } from '../../../../../core/audit/events.ts'
import { auditWords, wordsFor } from '../../../../../functions/web/client/account/audit-words.ts'

const source = await readFile(join(import.meta.dirname, '../../../../../core/audit/events.ts'), 'utf8')
const actions = [...new Set([...source.matchAll(/readonly type: '([^']+)'/g)].map(([, action]) => action ?? ''))]

test('every action that can stand in the audit log has words of its own', () => {
  expect(actions.length).toBeGreaterThan(50)
  expect(Object.keys(auditWords).toSorted()).toEqual(actions.toSorted())
  const words = actions.map((action) => wordsFor(action, { by: 'expiry', purpose: 'run' }))
  expect(words.filter((text) => !/^[A-Z]/.test(text))).toEqual([])
  expect(new Set(words).size).toBeGreaterThan(actions.length - 5)
})

test.each<[AuditEvent, string]>([
  [
    { type: 'session.started', method: 'password_and_recovery_code' },
    'Signed in with the password and a recovery code',
  ],
  [{ type: 'session.refused', reason: 'passkey' }, 'A sign-in or a proof was refused: the passkey was refused'],
  [
    { type: 'user.role_changed', role: 'admin', reason: 'user_request' },
    'The account was made that of an administrator (user request)',
  ],
  [
    { type: 'api_key.issued', scopes: ['runs:create', 'models:read'] },
    'An API key was issued (run prompts, list models)',
  ],
  [{ type: 'key.used', purpose: 'verification' }, 'A provider key was opened to check it'],
])('%o reads as “%s”', ({ type, ...told }, words) => {
  expect(wordsFor(type, told)).toBe(words)
})

test('an action that a newer server has is shown by its own name', () => {
  expect(wordsFor('moon.landed', {})).toBe('moon.landed')
})
