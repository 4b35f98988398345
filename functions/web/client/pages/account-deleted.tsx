import { useEffect } from 'preact/hooks'
import { lastDeletion } from '../account/deletion.ts'
import { Receipt } from '../account/receipt.tsx'
import { useSession } from '../api/session.tsx'
import { Card, PageHeader } from '../components/card.tsx'

/** What is left of a deleted account: its receipt. */
export function Page() {
  const { forget } = useSession()
  const deletion = lastDeletion()

  // Not before this page is there: the one from which one comes is for members, and would send others to sign in.
  useEffect(() => {
    if (deletion !== undefined) forget()
  }, [deletion, forget])

  if (deletion === undefined) {
    return (
      <Card title="No receipt here" lead="A receipt is shown once, right after its account was deleted.">
        <p>
          <a href="/">Go to the first page</a>
        </p>
      </Card>
    )
  }
  return (
    <div class="page receipt-page">
      <PageHeader title="Your account is deleted" />
      <Receipt of={deletion} />
    </div>
  )
}
