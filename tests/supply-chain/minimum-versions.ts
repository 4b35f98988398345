/** Versions below which a dependency is known to be unsafe, and by which advisory. Raise it when an advisory appears. */
export interface MinimumVersion {
  readonly package: string
  /** Oldest safe version of each major line that has one. A later line is safe, an earlier one without an entry is not. */
  readonly safeFrom: readonly string[]
  /** As GitHub (GHSA), MITRE (CVE) or Snyk (SNYK) file it. */
  readonly id: string
  readonly was: string
}

export const minimumVersions: readonly MinimumVersion[] = [
  {
    package: 'node',
    safeFrom: ['22.23.0', '24.17.0', '26.3.1'],
    id: 'CVE-2026-48618',
    was: 'dots in Unicode reached past the depth of a TLS wildcard certificate',
  },
  {
    package: 'fastify',
    safeFrom: ['5.12.2'],
    id: 'SNYK-JS-FASTIFY-19639040',
    was: 'a request was validated before it had its final form',
  },
  {
    package: 'fastify',
    safeFrom: ['5.8.5'],
    id: 'GHSA-247c-9743-5963',
    was: 'a space before the content type skipped validation of the body',
  },
  {
    package: 'fastify',
    safeFrom: ['5.8.3'],
    id: 'GHSA-444r-cwp2-x5xf',
    was: 'X-Forwarded-Host and -Proto were believed of callers that are not trusted',
  },
  {
    package: 'find-my-way',
    safeFrom: ['9.7.0'],
    id: 'GHSA-c96f-x56v-gq3h',
    was: 'denial of service by crafted requests over HTTP/2',
  },
  {
    package: 'fast-uri',
    safeFrom: ['3.1.6', '4.1.3'],
    id: 'GHSA-5jgf-p345-68v8',
    was: 'a host that was not made canonical was taken for another',
  },
  {
    package: 'undici',
    safeFrom: ['7.29.1', '8.10.2'],
    id: 'CVE-2026-84961',
    was: 'BalancedPool dropped checks of the TLS connection that were given as functions',
  },
  {
    package: 'undici',
    safeFrom: ['6.28.0', '7.29.0', '8.9.0'],
    id: 'GHSA-v3r7-h72x-cjcm',
    was: 'attributes could be injected into cookies',
  },
  {
    package: 'undici',
    safeFrom: ['7.28.0', '8.5.0'],
    id: 'GHSA-vmh5-mc38-953g',
    was: 'the certificate was not verified behind a SOCKS5 proxy',
  },
  {
    package: 'drizzle-orm',
    safeFrom: ['0.45.2'],
    id: 'GHSA-gpj5-g38j-94v9',
    was: 'quotes in identifiers were not escaped: SQL injection',
  },
  {
    package: 'pg',
    safeFrom: ['7.1.2'],
    id: 'GHSA-wc9v-mj63-m9g5',
    was: 'a crafted column name in an answer ran as code',
  },
  {
    package: 'zod',
    safeFrom: ['3.22.4'],
    id: 'CVE-2023-4316',
    was: 'the pattern of e-mail addresses took exponential time',
  },
  {
    package: 'cookie',
    safeFrom: ['0.7.0'],
    id: 'GHSA-pxg6-pf52-xh8x',
    was: 'name, path and domain of a cookie accepted characters that end them',
  },
  {
    package: 'nodemailer',
    safeFrom: ['8.0.5'],
    id: 'GHSA-vvjj-xcjg-gr5g',
    was: 'line breaks in the transport’s name injected SMTP commands',
  },
  {
    package: 'nodemailer',
    safeFrom: ['8.0.4'],
    id: 'GHSA-c7w3-x93f-qmm8',
    was: 'line breaks in envelope.size injected SMTP commands',
  },
  {
    package: 'esbuild',
    safeFrom: ['0.28.1'],
    id: 'GHSA-gv7w-rqvm-qjhr',
    was: 'the module for Deno ran a binary whose integrity it had not verified',
  },
  {
    package: 'esbuild',
    safeFrom: ['0.25.0'],
    id: 'GHSA-67mh-4wv8-2f99',
    was: 'any site could read what the development server answers',
  },
  {
    package: 'vite',
    safeFrom: ['6.4.3', '8.0.16'],
    id: 'GHSA-fx2h-pf6j-xcff',
    was: 'server.fs.deny could be passed by alternate paths on Windows',
  },
  {
    package: 'vitest',
    safeFrom: ['3.2.6', '4.1.0'],
    id: 'GHSA-5xrq-8626-4rwp',
    was: 'files could be read and run while the server of its page was listening',
  },
  {
    package: 'form-data',
    safeFrom: ['2.5.6', '3.0.5', '4.0.6'],
    id: 'GHSA-hmw2-7cc7-3qxx',
    was: 'line breaks in names of fields and files injected headers',
  },
  {
    package: 'form-data',
    safeFrom: ['2.5.4', '3.0.4', '4.0.4'],
    id: 'GHSA-fjxv-7rqg-78g4',
    was: 'boundaries came from a predictable source',
  },
  {
    package: 'protobufjs',
    safeFrom: ['7.5.5', '8.0.1'],
    id: 'GHSA-xq3m-2v4x-88gg',
    was: 'code in a type’s name ran when a message was decoded',
  },
  {
    package: '@xmldom/xmldom',
    safeFrom: ['0.9.12'],
    id: 'GHSA-965w-775f-mr7g',
    was: 'nested namespaces took quadratic memory',
  },
]

/** SQLite comes compiled into better-sqlite3, and is asked for its version. */
export const minimumSqlite: MinimumVersion = {
  package: 'SQLite',
  safeFrom: ['3.53.2'],
  id: 'CVE-2026-11824',
  was: 'a crafted full-text index overflowed the heap',
}

/** An installed copy that stays below a minimum: where it lies, which advisory, and why it cannot be reached here. */
export interface Accepted {
  readonly place: string
  readonly ids: readonly string[]
  readonly because: string
}

const drizzleKit =
  'drizzle-kit asks for this line. It compiles our schema for `npm run migration` alone, by esbuild’s build: neither its development server nor its module for Deno is started.'

export const accepted: readonly Accepted[] = [
  { place: 'node_modules/drizzle-kit/node_modules/esbuild', ids: ['GHSA-gv7w-rqvm-qjhr'], because: drizzleKit },
  {
    place: 'node_modules/@esbuild-kit/core-utils/node_modules/esbuild',
    ids: ['GHSA-gv7w-rqvm-qjhr', 'GHSA-67mh-4wv8-2f99'],
    because: drizzleKit,
  },
]
