import { describeVerdict, parseArguments, verifyExport } from '../../core/export/verify.mjs'
import { openZip } from './open-zip.ts'

/**
 * `verify-export <archive.zip> [--key <fingerprint>]`: checks an export offline. Exits with 0 for an intact archive, 1
 * for one that is not and names each file that was changed, 64 for arguments that make no sense.
 */
export async function verifyExportFile(args: readonly string[]): Promise<0 | 1 | 64> {
  const asked = parseArguments(args)
  if (asked?.place === undefined) {
    process.stderr.write('Usage: verify-export <archive.zip> [--key <fingerprint>]\n')
    return 64
  }
  const archive = await openZip(asked.place).catch(() => undefined)
  if (archive === undefined) {
    process.stdout.write('NOT INTACT  the archive cannot be opened as a zip file: it was cut short or changed\n')
    return 1
  }
  try {
    const verdict = await verifyExport(archive, asked)
    process.stdout.write(describeVerdict(verdict, asked.key))
    return verdict.faults.length === 0 ? 0 : 1
  } finally {
    archive.close()
  }
}

if (import.meta.main) process.exitCode = await verifyExportFile(process.argv.slice(2))
