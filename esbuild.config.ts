import { build } from './infra/bundling/build.ts'
import { warmCode } from './infra/bundling/warm-code.ts'

// `npm run build`: every entry point as a bundle of its own in `dist`, with what V8 compiled of those that start fast, and
// the pages. Prints the size of each. How each is bundled is in infra/bundling.

const bundles = await build()
await warmCode(bundles)
for (const { name, bytes } of bundles) {
  process.stdout.write(`${(bytes / 1_000).toFixed(0).padStart(7)} kB  ${name}.js\n`)
}
