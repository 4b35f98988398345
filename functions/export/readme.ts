import { seals } from '../../core/export/verify.mjs'
import { leftOut, sections } from './sections/all.ts'

/** The text that explains an archive to whoever unpacks it, and what its seals do and do not prove. */
export function readme(facts: {
  readonly account: string
  readonly madeAt: number
  readonly fingerprint: string
}): string {
  const { manifest, signature, sums } = seals
  const width = Math.max(...sections.map(({ file }) => file.length))
  return `Export of the Oort account ${facts.account}
Begun ${new Date(facts.madeAt).toISOString()}

WHAT IS IN IT
Each .ndjson file holds one JSON object a line. Times are milliseconds since 1970-01-01 UTC.

${sections.map(({ file, holds }) => `  ${file.padEnd(width)}  ${holds}`).join('\n')}

No password, key, token or second-factor secret is in it, neither readable nor encrypted nor hashed.
Left out on purpose:
${leftOut.map(({ reason }) => `  - ${reason}`).join('\n')}
What you changed while the archive was being made can be in it or not; the audit chain ends where the archive began.

HOW TO CHECK IT
With Node 20 or later, in the folder of this file, without a network:

  node verify.mjs --key ${facts.fingerprint}

It names every file that is not as it was signed. The key above is the one that signed: take it from the server instead
(/api/export/signing-key), and take verify.mjs from Oort's source, where it is core/export/verify.mjs, if the archive
passed through hands you do not trust: who can change the archive can change this text and that program too.
Without Node:

  sha256sum --check ${sums}
  openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in ${manifest} -sigfile ${signature}

${manifest} lists every file with its SHA-256, its length and its rows; ${signature} is its Ed25519 signature; ${sums}
lists the same sums, and those of ${manifest} and ${signature}.

WHAT THAT PROVES
That the archive is, to the byte, what the holder of the signing key made. An archive that was cut short has no
${manifest} and does not pass.
In audit.ndjson, that the entries are numbered without a gap and that each names the hash of the one before it: removed,
added or reordered entries show. The hashes are HMAC-SHA-256 under a key that never leaves the server, so that the text
of an entry fits its hash cannot be checked here; the server's operator can check it, and here the signature stands for
it. Entries made by an administrator do not say by which one.
`
}
