import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import type { Plugin } from 'esbuild'

// What libraries bring along and no code of ours comes to. What is left out fails loudly should it be called: tests run
// the bundles themselves.

const root = join(import.meta.dirname, '../..')

/**
 * Of undici we use its pool. Its index is CommonJS, from which nothing can be shaken off, and would add WebSockets,
 * caches and mocks to each bundle: half of its weight. As an ES module, a further name is a build error.
 * Of its four response parsers (75 kB each) one stays: llhttp with SIMD, which Node's own platforms all have. The
 * experimental Milo needs a variable to be set, and asking for a parser that is gone fails at once.
 */
const undiciPool: Plugin = {
  name: 'undici-pool',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^undici$/ }, () => ({ path: 'undici-pool', namespace: 'undici-pool' }))
    onLoad({ filter: /.*/, namespace: 'undici-pool' }, () => ({
      contents: `
        import Dispatcher from './lib/dispatcher/dispatcher.js'
        import api from './lib/api/index.js'
        Object.assign(Dispatcher.prototype, api)
        export { default as Pool } from './lib/dispatcher/pool.js'`,
      resolveDir: join(root, 'node_modules/undici'),
    }))
    onLoad({ filter: /undici\/lib\/(milo\/(no-)?simd|llhttp\/llhttp-wasm)\.js$/ }, () => ({ contents: '' }))
  },
}

/**
 * Of the passkey library we check signatures and registrations without an attestation: see `withoutStatement` in
 * core/accounts/relying-party.ts. Attestation formats, certificates and their roots are half of its weight.
 *
 * WebAuthn sends ECDSA signatures in DER, which Web Crypto does not read: for that the library carries a whole ASN.1
 * toolbox (180 kB). Node's own `verify` reads DER. Source: Web Authentication Level 3, section 6.5.5; node:crypto.
 */
const passkeysAlone: Plugin = {
  name: 'passkeys-alone',
  setup({ onResolve, onLoad }) {
    const certificates =
      'getCertificateInfo|validateCertificatePath|isCertRevoked|validateExtFIDOGenCEAAGUID|convertX509PublicKeyToCOSE'
    const filter = new RegExp(`/(verifications/.+|metadata/.+|defaultRootCerts/.+|${certificates})[.]js$`)
    onResolve({ filter }, ({ path, importer }) =>
      importer.includes('@simplewebauthn/server/esm/') ? { path, namespace: 'passkeys-alone' } : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'passkeys-alone' }, () => ({ contents: 'module.exports = {}' }))
    onLoad({ filter: /@simplewebauthn\/server\/.+\/unwrapEC2Signature\.js$/ }, () => ({
      contents: 'export const unwrapEC2Signature = (signature) => signature',
    }))
    onLoad({ filter: /@simplewebauthn\/server\/.+\/verifyEC2\.js$/ }, () => ({
      contents: `
        import { createPublicKey, verify } from 'node:crypto'
        import { COSECRV, COSEKEYS } from '../../cose.js'
        import { mapCoseAlgToWebCryptoHashAlgName } from './mapCoseAlgToWebCryptoHashAlgName.js'
        const curves = { [COSECRV.P256]: 'P-256', [COSECRV.P384]: 'P-384', [COSECRV.P521]: 'P-521' }
        export async function verifyEC2({ cosePublicKey, signature, data, shaHashOverride }) {
          const member = (key) => Buffer.from(cosePublicKey.get(key)).toString('base64url')
          const crv = curves[cosePublicKey.get(COSEKEYS.crv)]
          const key = { kty: 'EC', crv, x: member(COSEKEYS.x), y: member(COSEKEYS.y) }
          const hash = mapCoseAlgToWebCryptoHashAlgName(shaHashOverride ?? cosePublicKey.get(COSEKEYS.alg))
          return verify(hash, data, { key: createPublicKey({ key, format: 'jwk' }), dsaEncoding: 'der' }, signature)
        }`,
      resolveDir: join(root, 'node_modules/@simplewebauthn/server/esm/helpers/iso/isoCrypto'),
    }))
  },
}

/** Files of a library that stay behind, and what stands in their place. */
const placeholders: Readonly<Record<string, string>> = {
  // Requests are validated by zod: see `validateWithZod`.
  '@fastify/ajv-compiler/index': 'module.exports = () => () => { throw new Error("zod validates requests") }',
  // Answers are written from schemas without a union: see `responseSchemas`. A union fails at start.
  'fast-json-stringify/lib/validator':
    'module.exports = class { constructor() { throw new Error("an answer with a union needs a validator") } }',
  // The schemas come from zod's generator, and every test without a bundle checks them.
  'fast-json-stringify/lib/schema-validator': 'module.exports = () => true',
  // Writes serialisers as source files.
  'fast-json-stringify/lib/standalone': 'module.exports = undefined',
  // Compares the versions that plugins from elsewhere demand; there are none.
  'semver/index': 'module.exports = {}',
  // Bodies that are forms: ours are text and bytes.
  'undici/lib/web/fetch/body': '',
  'undici/lib/web/fetch/formdata': '',
  'undici/lib/web/webidl/index': '',
  // Types of attachments and the servers of mail providers by name: messages are plain text, the server is an address.
  'nodemailer/dist/esm/mime-funcs/mime-types':
    'export const detectMimeType = undefined; export const detectExtension = undefined',
  'nodemailer/dist/esm/well-known/services': 'export const services = {}',
}

const placeholdersOf: Plugin = {
  name: 'placeholders',
  setup({ onLoad }) {
    const names = Object.keys(placeholders).map((path) => path.replaceAll('/', '[/]').replaceAll('.', '[.]'))
    onLoad({ filter: new RegExp(`node_modules[/](${names.join('|')})[.]js$`) }, ({ path }) => {
      const name = /node_modules\/((?!.*node_modules\/).+)\.js$/.exec(path)?.[1] ?? ''
      return { contents: placeholders[name] ?? '' }
    })
  },
}

/**
 * Node's own modules, asked for by a call instead of an import. What is imported gets a copy of each of its exports,
 * and copying those of node:http starts all that `fetch` and WebSockets need: a tenth of a cold start.
 * Source: https://nodejs.org/api/process.html#processgetbuiltinmoduleid
 */
const builtinsByCall: Plugin = {
  name: 'builtins-by-call',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?[a-z_0-9]+(\/[a-z_0-9]+)*$/ }, ({ path }) =>
      isBuiltin(path) ? { path, namespace: 'builtins-by-call' } : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'builtins-by-call' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }))
  },
}

/**
 * Those of Node's own modules that no start needs and libraries ask for at theirs: each is loaded when something in it
 * is first used. Together they are a tenth of a cold start.
 */
const late = ['child_process', 'dns', 'fs/promises', 'http2', 'https', 'tls', 'zlib']

/** For CommonJS, which asks for Node's own modules by a call as it is. */
export const builtinsAtUse: Plugin = {
  name: 'builtins-at-use',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?[a-z_0-9]+(\/[a-z_0-9]+)*$/ }, ({ path }) => {
      if (!isBuiltin(path)) return undefined
      const name = path.replace(/^node:/, '')
      return late.includes(name) ? { path: name, namespace: 'builtins-at-use' } : { path, external: true }
    })
    // The object itself has no members to copy: each is looked up behind it.
    onLoad({ filter: /.*/, namespace: 'builtins-at-use' }, ({ path }) => ({
      contents: `module.exports = Object.create(new Proxy({}, {
        get: (_, name) => process.getBuiltinModule(${JSON.stringify(path)})[name],
      }))`,
    }))
  },
}

export const leanLibraries: readonly Plugin[] = [builtinsByCall, undiciPool, passkeysAlone, placeholdersOf]
