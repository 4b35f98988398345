import { join } from 'node:path'
import * as esbuild from 'esbuild'

const root = join(import.meta.dirname, '../..')

/**
 * The driver of PostgreSQL, which most never load: a file of its own beside each bundle, so that it weighs on no start.
 * No name of its own is in it that others share, as its types are all that our code knows of it before it is loaded.
 */
export const driver = { name: 'pg', reader: 'core/store/postgres/', file: 'pg.cjs' }

/** Where a bundle finds the driver. */
export function besideBundles(): esbuild.Plugin {
  return {
    name: 'beside bundles',
    setup({ onResolve }) {
      onResolve({ filter: new RegExp(`^${driver.name}$`) }, () => ({ path: `./${driver.file}`, external: true }))
    },
  }
}

/** Writes the driver to `<outdir>`. */
export async function bundleDriver(outdir: string): Promise<void> {
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: [driver.name],
    outfile: join(outdir, driver.file),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node26',
    minify: true,
    legalComments: 'external',
    // The same driver in C, which the driver itself tries to find.
    external: ['pg-native'],
    logLevel: 'warning',
  })
}
