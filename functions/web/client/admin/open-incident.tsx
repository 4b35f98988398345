import { componentNames, incidentStateNames } from '../../status/words.ts'
import { api } from '../api/api.ts'
import { tabMemory } from '../api/unsent.ts'
import { useUnsent } from '../api/use-unsent.ts'
import { Button } from '../components/button.tsx'
import { Dialog } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Form } from '../components/form.tsx'
import { toast } from '../components/toasts.tsx'
import { Choice } from './parts.tsx'
import { SeverityChoice } from './severity-choice.tsx'

const states = Object.entries(incidentStateNames).filter(([state]) => state !== 'resolved')
const components = Object.entries(componentNames)

interface OpenProps {
  onClose(): void
  onOpened(): void
}

/** Tells everybody of an incident, with its first notice. */
export function OpenIncident({ open, ...told }: { readonly open: boolean } & OpenProps) {
  return (
    <Dialog open={open} title="Open an incident" onClose={told.onClose}>
      <p>Everybody will read this. Write no names, no addresses, no keys.</p>
      <FirstNoticeForm {...told} />
    </Dialog>
  )
}

function FirstNoticeForm({ onClose, onOpened }: OpenProps) {
  const [title, setTitle] = useUnsent(tabMemory, 'oort-incident-title', '')
  const [text, setText] = useUnsent(tabMemory, 'oort-incident-text', '')

  const publish = async (values: Readonly<Record<string, string>>) => {
    const { severity, state } = values
    const named = components.map(([name]) => name).filter((name) => values[`component-${name}`] !== undefined)
    await api.post('/api/admin/incidents', { severity, title, text, state, components: named })
    toast('The incident is open, and everybody can read of it.')
    onOpened()
  }

  return (
    <Form submit="Publish" onSubmit={publish} actions={<Button onClick={onClose}>Leave it</Button>}>
      <SeverityChoice />
      <Field
        name="title"
        label="Title"
        hint="What does not work, for whom."
        control={(attributes) => (
          <input
            {...attributes}
            required
            maxLength={120}
            value={title}
            onInput={({ currentTarget }) => setTitle(currentTarget.value)}
          />
        )}
      />
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
        control={(attributes) => (
          <textarea
            {...attributes}
            required
            maxLength={4000}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        )}
      />
    </Form>
  )
}
