import { componentNames, incidentStateNames } from '../../status/words.ts'
import { api } from '../api/api.ts'
import { Button } from '../components/button.tsx'
import { Dialog } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Form } from '../components/form.tsx'
import { toast } from '../components/toasts.tsx'
import { Choice } from './parts.tsx'
import { SeverityChoice } from './severity-choice.tsx'

const states = Object.entries(incidentStateNames).filter(([state]) => state !== 'resolved')
const components = Object.entries(componentNames)

/** Tells everybody of an incident, with its first notice. */
export function OpenIncident({
  open,
  onClose,
  onOpened,
}: {
  readonly open: boolean
  onClose(): void
  onOpened(): void
}) {
  const publish = async (values: Readonly<Record<string, string>>) => {
    const { severity, title, text, state } = values
    const named = components.map(([name]) => name).filter((name) => values[`component-${name}`] !== undefined)
    await api.post('/api/admin/incidents', { severity, title, text, state, components: named })
    toast('The incident is open, and everybody can read of it.')
    onOpened()
  }
  return (
    <Dialog open={open} title="Open an incident" onClose={onClose}>
      <p>Everybody will read this. Write no names, no addresses, no keys.</p>
      <Form submit="Publish" onSubmit={publish} actions={<Button onClick={onClose}>Leave it</Button>}>
        <SeverityChoice />
        <Field name="title" label="Title" required maxLength={120} hint="What does not work, for whom." />
        <fieldset class="checks">
          <legend>Components</legend>
          {components.map(([name, label]) => (
            <label key={name}>
              <input type="checkbox" name={`component-${name}`} /> {label}
            </label>
          ))}
        </fieldset>
        <Choice name="state" label="State" options={states} />
        <Field
          name="text"
          label="First notice"
          hint="What happens, what you do about it, what helps meanwhile."
          control={(attributes) => <textarea {...attributes} required maxLength={4000} />}
        />
      </Form>
    </Dialog>
  )
}
