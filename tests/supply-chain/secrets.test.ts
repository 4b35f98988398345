import { generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { lintSource } from '@secretlint/core'
import { creator } from '@secretlint/secretlint-rule-preset-recommend'
import { expect, test } from 'vitest'
import { listFiles, root } from '../support/source-graph.ts'

const config = { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }] }

/**
 * What looks like a secret and is none, by file and kind, as many times as it is there. Nothing is excluded by folder:
 * a second one in the same file is found.
 */
const accepted = [
  // An alphabet after Stripe's prefix, so that the configuration of the route tests has its form.
  'tests/security/route-table.ts STRIPE_SECRET_KEY_TEST',
]

/** What secretlint obeys in a comment: nobody is to switch it off from within a file. */
const exemption = ['secretlint', 'disable'].join('-')

async function secretsIn(path: string, content: string): Promise<readonly string[]> {
  const source = { filePath: path, content, ext: extname(path), contentType: 'text' as const }
  if (content.includes(exemption)) return [`${path} ${exemption}`]
  const { messages } = await lintSource({ source, options: { config, maskSecrets: true } })
  return messages.map(({ messageId }) => `${path} ${messageId}`)
}

test('no file of the repository holds a secret', async () => {
  const found: string[] = []
  for (const path of listFiles()) {
    const content = await readFile(join(root, path), 'utf8').catch(() => undefined)
    if (content !== undefined) found.push(...(await secretsIn(path, content)))
  }
  expect(found).toEqual(accepted)
})

// Put together here, so that this file holds none.
const random = 'Zq7Xc2Vb9Nm4Lk1Jh6Gf3Ds8Ap5Oi0Uy7Tr2Ew'
const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const
const publicKeyEncoding = { type: 'spki', format: 'pem' } as const
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding, publicKeyEncoding })
test.each([
  ['a key of Stripe’s', `sk_live_${random.slice(0, 24)}`],
  ['a token of GitHub’s', `ghp_${random.slice(0, 36)}`],
  ['a private key', privateKey],
  ['a comment that hides one', `// ${exemption}`],
  ['a database’s password', `postgres://oort:${random.slice(0, 12)}@db.example.com:5432/oort`],
])('%s is found', async (_, secret) => {
  expect(await secretsIn('core/somewhere.ts', `const value = '${secret}'\n`)).toHaveLength(1)
})
