import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { api } from '../api/api.ts'
import { Button } from '../components/button.tsx'
import { Dialog } from '../components/dialog.tsx'
import { Form } from '../components/form.tsx'
import { ProofFields, proofIn, proofIssue } from '../components/proof-fields.tsx'
import { Section } from '../components/section.tsx'
import { type Deletion, keepDeletion } from './deletion.ts'

/** Deletes the account, and goes on to the page with its receipt. */
export function DeleteAccount() {
  const [open, setOpen] = useState(false)
  const { route } = useLocation()

  const remove = async (values: Readonly<Record<string, string>>) => {
    keepDeletion(await api.delete<Deletion>('/api/auth/account', proofIn(values)))
    route('/account/deleted', true)
  }

  return (
    <Section
      title="Delete the account"
      lead="At once and for good: nothing is kept for later, and nobody can bring it back."
    >
      <div class="actions">
        <Button kind="danger" onClick={() => setOpen(true)}>
          Delete the account …
        </Button>
      </div>
      <Dialog open={open} title="Delete the account?" onClose={() => setOpen(false)}>
        <Form submit="Delete it all" submitKind="danger" onSubmit={remove} issueOf={proofIssue}>
          <p>
            Runs, keys, sessions and your address are removed, and runs under way end. What stays is the audit chain,
            which holds ids and no person. You get a signed receipt. Export your data before, if you want to keep it.
          </p>
          <ProofFields />
        </Form>
      </Dialog>
    </Section>
  )
}
