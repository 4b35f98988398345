import { Button } from '../components/button.tsx'
import { Code } from '../components/code.tsx'
import { CopyButton } from '../components/copy-button.tsx'
import { erasure } from '../components/erasure.ts'
import { Notice } from '../components/notice.tsx'
import { saveFile } from '../components/save-file.ts'
import type { Deletion } from './deletion.ts'

const dateOf = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'long', timeZone: 'UTC' })

/** The receipt of a deletion, and how it is checked. */
export function Receipt({ of: { bytesErased, receipt } }: { readonly of: Deletion }) {
  const { statement, fingerprint } = receipt
  const { userId, deletedAt, total, rowsDeleted } = statement
  const text = `${JSON.stringify(receipt, null, 2)}\n`
  const name = `oort-deletion-${new Date(deletedAt).toISOString().slice(0, 10)}.json`
  return (
    <div class="stack">
      <Notice kind="warning" title="Keep the receipt now">
        It is the only one, and leaving this page loses it: there is no account left that could ask for it again.
      </Notice>
      <div class="actions">
        <Button kind="primary" onClick={() => saveFile(name, text, 'application/json')}>
          Download the receipt
        </Button>
        <CopyButton text={text} label="Copy it" />
      </div>
      <p>
        {total} records of the account <code class="breakable">{userId}</code> were deleted on{' '}
        {dateOf.format(deletedAt)}. {erasure(bytesErased, 'what was sealed')}
      </p>
      <dl class="record-facts">
        {Object.entries(rowsDeleted)
          .filter(([, rows]) => rows > 0)
          .map(([table, rows]) => (
            <div key={table}>
              <dt>{table.replaceAll('_', ' ')}</dt>
              <dd>{rows}</dd>
            </div>
          ))}
      </dl>
      <h2>How to check it</h2>
      <p>
        The receipt is signed with Ed25519 by this Oort’s key, whose fingerprint{' '}
        <a href="/api/auth/receipt-key">the server tells</a>. Whoever has Oort checks the receipt offline:
      </p>
      <Code label="Command" text={`oort verify-receipt ${name} \\\n  --key ${fingerprint}`} />
      <h2>The receipt</h2>
      <Code label="Receipt" text={text} />
    </div>
  )
}
