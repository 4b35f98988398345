import { incidentStateNames } from '../../status/words.ts'
import { api } from '../api/api.ts'
import { Button } from '../components/button.tsx'
import { Dialog } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Form } from '../components/form.tsx'
import { toast } from '../components/toasts.tsx'
import type { Incident } from './incident.ts'
import { Choice } from './parts.tsx'
import { SeverityChoice } from './severity-choice.tsx'

const states = Object.entries(incidentStateNames)

/** Publishes a further notice: it can move an incident on, end it, or name where its analysis is to be read. */
export function UpdateIncident({
  incident,
  onClose,
  onPublished,
}: {
  readonly incident: Incident | undefined
  onClose(): void
  onPublished(): void
}) {
  const publish = async (id: string, values: Readonly<Record<string, string>>) => {
    const { severity, text, state, postMortemUrl = '' } = values
    const analysis = postMortemUrl.trim() === '' ? {} : { postMortemUrl: postMortemUrl.trim() }
    await api.post(`/api/admin/incidents/${id}/updates`, { severity, text, state, ...analysis })
    toast(state === 'resolved' ? 'The incident is over.' : 'The notice is published.')
    onPublished()
  }
  const over = incident?.state === 'resolved'
  return (
    <Dialog open={incident !== undefined} title="Publish a notice" onClose={onClose}>
      {incident !== undefined && (
        <>
          <p>About “{incident.title}”. Everybody will read it.</p>
          <Form
            submit="Publish"
            onSubmit={(values) => publish(incident.id, values)}
            actions={<Button onClick={onClose}>Leave it</Button>}
          >
            <Choice
              name="state"
              label="State"
              value={incident.state}
              options={over ? states.filter(([state]) => state === 'resolved') : states}
            />
            <SeverityChoice value={incident.severity} />
            <Field
              name="text"
              label="Notice"
              control={(attributes) => <textarea {...attributes} required maxLength={4000} />}
            />
            <Field
              name="postMortemUrl"
              label="Post-mortem"
              type="url"
              maxLength={500}
              hint="Where it is published, once the incident is over. It begins with https."
            />
          </Form>
        </>
      )}
    </Dialog>
  )
}
