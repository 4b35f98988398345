import { describe, expect, test } from 'vitest'
import { listSources, readSource } from '../support/source-graph.ts'

const sources = await Promise.all(
  listSources()
    .filter((path) => /^(core|functions|infra)\//.test(path))
    .map(async (path) => [path, await readSource(path)] as const),
)

/** The files in which a pattern stands, comments left out. */
function filesWith(pattern: RegExp, folder = /^/): readonly string[] {
  const bare = (text: string) => text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
  return sources.filter(([path, text]) => folder.test(path) && pattern.test(bare(text))).map(([path]) => path)
}

describe('V1 what is dangerous is used nowhere, or where it is said', () => {
  test('nothing that serves starts a process', () => {
    expect(filesWith(/child_process|worker_threads/, /^(core|functions)\//)).toEqual([])
  })

  test('nothing evaluates text, but what loads our own code', () => {
    expect(filesWith(/\beval\(|new Function\b|\bnode:vm\b|setTimeout\(['"`]/)).toEqual([
      'infra/bundling/cached-code.ts',
    ])
  })

  test('no page puts text into a document as markup', () => {
    const sinks =
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerouslySet|createContextualFragment|srcdoc/
    expect(filesWith(sinks)).toEqual([])
  })

  test('no page listens to other windows', () => {
    expect(
      filesWith(/postMessage|onmessage|(?:on|listener)\(\s*['"]message['"]/i, /^functions\/web\/client\//),
    ).toEqual([])
  })

  test('expressions are built of words of ours', () => {
    expect(filesWith(/new RegExp\(|RegExp\.escape/, /^(core|functions)\//)).toEqual([
      'core/crypto/tokens.ts',
      'core/ids.ts',
      'core/plans/read-payment-event.ts',
      'functions/web/client/return-path.ts',
    ])
  })
})

describe('V1 cryptography', () => {
  test('that we call is AES-256-GCM, in two files that name it', () => {
    const files = filesWith(/create(?:Cipher|Decipher)iv|(?:public|private)(?:En|De)crypt/)
    expect(files).toEqual(['core/crypto/aes-gcm.ts', 'core/crypto/sealed-stream.ts'])
    for (const [path, text] of sources.filter(([each]) => files.includes(each))) {
      expect([path, text.match(/create(?:Ciph|Deciph)eriv\((?!algorithm,)/)]).toEqual([path, null])
      expect(text).toContain("const algorithm = 'aes-256-gcm'")
    }
  })

  test('hashes and derives keys with SHA-256 alone, but for the codes of authenticator apps', () => {
    const called = sources.flatMap(([, text]) =>
      [...text.matchAll(/\b(?:createHash|createHmac|hkdfSync|pbkdf2\w*|hash)\(\s*['"](\w+)['"]/g)].map(
        ([, name]) => name,
      ),
    )
    expect(called.length).toBeGreaterThan(5)
    expect([...new Set(called)]).toEqual(['sha256'])
    // RFC 6238: what authenticator apps compute is HMAC-SHA-1.
    expect(filesWith(/['"](?:md5|sha1|sha-1|ripemd\w*)['"]/i)).toEqual(['core/crypto/totp.ts'])
  })

  test('guesses nothing: chance without a secret only spreads pauses', () => {
    expect(filesWith(/Math\.random/)).toEqual([
      'core/incidents/probes/keep-probing.ts',
      'core/providers/upstream.ts',
      'core/store/postgres/transactions.ts',
    ])
  })

  test('leaves no certificate unchecked, but its own on loopback', () => {
    expect(filesWith(/rejectUnauthorized|NODE_TLS_REJECT|checkServerIdentity/)).toEqual(['infra/image/probe.ts'])
  })
})
