import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from '../../infra/bundling/build.ts'
import { keepFigure } from '../bars/figures.ts'
import { startCaddy } from '../support/caddy.ts'
import { startOort } from '../support/oort.ts'

/**
 * What MDN's HTTP Observatory, run here, says of Oort behind Caddy: bar H1 asks for A+ and ten tests of ten. It looks at
 * ports 443 and 80 and nowhere else, so this takes root, and both ports free on loopback.
 * `node tests/bench/observatory.ts`
 */
const version = '1.4.8'
const folder = join(import.meta.dirname, '.observatory')
const scanner = join(folder, 'node_modules/@mdn/mdn-http-observatory/src/scan.js')

interface Scan {
  readonly scan: {
    readonly grade: string
    readonly score: number
    readonly testsPassed: number
    readonly testsQuantity: number
  }
  readonly tests: Readonly<
    Record<string, { readonly pass: boolean; readonly result: string; readonly scoreModifier: number }>
  >
}

// Installed beside the benchmarks and nowhere else. Its scripts would fetch lists that only real domains are in.
if (!existsSync(scanner)) {
  const what = ['--ignore-scripts', '--prefix', folder, `@mdn/mdn-http-observatory@${version}`]
  const { status } = spawnSync('npm', ['install', '--no-save', '--loglevel=error', ...what], { stdio: 'inherit' })
  if (status !== 0) throw new Error('the Observatory could not be installed')
  await writeFile(join(scanner, '../../conf/hsts-preload.json'), '{}')
}
await build()
const oort = await startOort({ env: { OORT_PUBLIC_URL: 'https://localhost' } })
const caddy = await startCaddy({
  upstreamPort: Number(new URL(oort.origin).port),
  port: 443,
  assetsDir: join(import.meta.dirname, '../../dist/assets'),
  env: { OORT_HTTP: 'redirect_http' },
})
const scratch = await mkdtemp(join(tmpdir(), 'oort-observatory-'))
const ca = join(scratch, 'ca.pem')
await writeFile(ca, caddy.ca)
try {
  const { stdout } = await promisify(execFile)(process.execPath, [scanner, 'localhost'], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: ca },
    cwd: join(folder, 'node_modules/@mdn/mdn-http-observatory'),
  })
  const { scan, tests } = JSON.parse(stdout) as Scan
  process.stdout.write(`${scan.grade} (${scan.score}), ${scan.testsPassed} of ${scan.testsQuantity} tests\n`)
  for (const [name, { pass, result, scoreModifier }] of Object.entries(tests)) {
    process.stdout.write(`  ${pass ? 'good' : 'BAD '}  ${name.padEnd(28)} ${result} (${scoreModifier})\n`)
  }
  await keepFigure('H1', `${scan.grade}, ${scan.testsPassed} of ${scan.testsQuantity} tests`)
  if (scan.grade !== 'A+' || scan.testsPassed < scan.testsQuantity) process.exitCode = 1
} finally {
  await caddy.stop()
  await oort.close()
  await rm(scratch, { recursive: true, force: true })
}
