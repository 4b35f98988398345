import { Command } from 'commander'
import { describeVerdict, verifyExport as verify } from '../../../core/export/verify.mjs'
import { answering } from '../answering.ts'
import { fingerprint } from '../fingerprint.ts'
import { openZip } from '../open-zip.ts'

/** `oort verify-export <archive.zip>`: says whether an export is as it was signed, and names each file that is not. */
export function verifyExport(): Command {
  const command = new Command('verify-export')
    .summary('check an export, offline')
    .description('Checks an export of an account without a network and without the database.')
    .argument('<archive>', 'the zip file')
    .option('--key <fingerprint>', 'of the key that must have signed it (see /api/export/signing-key)', fingerprint)
  return answering<[string], { readonly key?: string }>(command, async ([path], { key }) => {
    const archive = await openZip(path).catch(() => undefined)
    if (archive === undefined) {
      const text = 'NOT INTACT  the archive cannot be opened as a zip file: it was cut short or changed'
      return { data: { intact: false, faults: [{ kind: 'archive_unreadable' }] }, text, ok: false }
    }
    try {
      const verdict = await verify(archive, { key })
      const ok = verdict.faults.length === 0
      const { faults, fingerprint: signer } = verdict
      return { data: { intact: ok, faults, signer }, text: describeVerdict(verdict, key), ok }
    } finally {
      archive.close()
    }
  })
}
