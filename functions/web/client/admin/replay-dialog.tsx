import { api } from '../api/api.ts'
import { Button } from '../components/button.tsx'
import { Dialog } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Form } from '../components/form.tsx'
import { toast } from '../components/toasts.tsx'
import type { ParkedEvent } from './answers.ts'
import { Id } from './parts.tsx'

/** Lets a parked event take effect, for the account that is its customer. */
export function ReplayDialog({
  event,
  onClose,
  onReplayed,
}: {
  readonly event: ParkedEvent | undefined
  onClose(): void
  onReplayed(): void
}) {
  const replay = async (eventId: string, userId: string) => {
    const path = `/api/admin/payments/parked/${eventId}/replay`
    const { outcome } = await api.post<{ readonly outcome: 'applied' | 'superseded' }>(
      path,
      userId === '' ? {} : { userId },
    )
    toast(outcome === 'applied' ? 'The event has taken effect.' : 'A later event holds already: nothing changed.')
    onReplayed()
  }
  return (
    <Dialog open={event !== undefined} title="Let this event take effect?" onClose={onClose}>
      {event !== undefined && (
        <>
          <p>
            {event.type} of the customer <Id>{event.customerId ?? 'unknown'}</Id>. It is applied as if it arrived now,
            and stands in the account’s audit log as your doing.
          </p>
          <Form
            submit="Let it take effect"
            onSubmit={({ userId = '' }) => replay(event.id, userId.trim())}
            actions={<Button onClick={onClose}>Leave it</Button>}
          >
            <Field
              name="userId"
              label="Account"
              placeholder="usr_…"
              hint="Needed where nobody is this customer yet: the account is linked to it for good."
            />
          </Form>
        </>
      )}
    </Dialog>
  )
}
