import { incidentStateNames } from '../../status/words.ts'
import { api } from '../api/api.ts'
import { ApiError } from '../api/problem.ts'
import { Button } from '../components/button.tsx'
import { Dialog } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Form } from '../components/form.tsx'
import { toast } from '../components/toasts.tsx'
import type { Incident } from './incident.ts'
import { Choice } from './parts.tsx'
import { PublishedNotice } from './published-notice.tsx'
import { SeverityChoice } from './severity-choice.tsx'

const states = Object.entries(incidentStateNames)

/**
 * Publishes a further notice: it can move an incident on, end it, or name where its analysis is to be read. `onStale` is
 * told when the incident has gone on meanwhile; what was written stays.
 */
export function UpdateIncident({
  incident,
  onClose,
  onStale,
  onPublished,
}: {
  readonly incident: Incident | undefined
  onClose(): void
  onStale(): void
  onPublished(): void
}) {
  const publish = async (about: Incident, values: Readonly<Record<string, string>>) => {
    const { severity, text, state, postMortemUrl = '' } = values
    const [newest] = about.updates
    const notice = {
      text,
      state,
      newestSeen: newest?.id,
      ...(severity === about.severity ? {} : { severity }),
      ...(postMortemUrl.trim() === '' ? {} : { postMortemUrl: postMortemUrl.trim() }),
    }
    try {
      await api.post(`/api/admin/incidents/${about.id}/updates`, notice)
    } catch (error) {
      if (error instanceof ApiError && error.code === 'CONFLICT') onStale()
      throw error
    }
    toast(state === 'resolved' ? 'The incident is over.' : 'The notice is published.')
    onPublished()
  }
  const over = incident?.state === 'resolved'
  const [newest] = incident?.updates ?? []
  return (
    <Dialog open={incident !== undefined} title="Publish a notice" onClose={onClose}>
      {incident !== undefined && (
        <>
          <p>About “{incident.title}”. Everybody will read it. This is what they read last:</p>
          {newest !== undefined && <PublishedNotice of={newest} />}
          <Form
            submit="Publish"
            onSubmit={(values) => publish(incident, values)}
            actions={<Button onClick={onClose}>Leave it</Button>}
          >
            <Choice
              key={incident.state}
              name="state"
              label="State"
              value={incident.state}
              options={over ? states.filter(([state]) => state === 'resolved') : states}
            />
            <SeverityChoice key={incident.severity} value={incident.severity} />
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
