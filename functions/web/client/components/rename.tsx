import { Dialog } from './dialog.tsx'
import { Field } from './field.tsx'
import { Form } from './form.tsx'

/** Asks for another name. `onRename` may throw what the API refused. */
export function Rename({
  open,
  label,
  onRename,
  onClose,
}: {
  readonly open: boolean
  /** The name until now. */
  readonly label: string
  onRename(label: string): Promise<void>
  onClose(): void
}) {
  return (
    <Dialog open={open} title={`Rename “${label}”`} onClose={onClose}>
      <Form submit="Rename" onSubmit={({ label: next = '' }) => onRename(next)}>
        <Field name="label" label="Name" required maxLength={80} autoComplete="off" defaultValue={label} />
      </Form>
    </Dialog>
  )
}
