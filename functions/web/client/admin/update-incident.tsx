import { incidentStateNames } from '../../status/words.ts'
import { api } from '../api/api.ts'
import { ApiError } from '../api/problem.ts'
import { tabMemory } from '../api/unsent.ts'
import { useUnsent } from '../api/use-unsent.ts'
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

interface UpdateProps {
  onClose(): void
  onStale(): void
  onPublished(): void
}

/**
 * Publishes a further notice: it can move an incident on, end it, or name where its analysis is to be read. `onStale` is
 * told when the incident has gone on meanwhile; what was written stays.
 */
export function UpdateIncident({ incident, ...told }: { readonly incident: Incident | undefined } & UpdateProps) {
  return (
    <Dialog open={incident !== undefined} title="Publish a notice" onClose={told.onClose}>
      {incident !== undefined && <NoticeForm about={incident} {...told} />}
    </Dialog>
  )
}

function NoticeForm({ about, onClose, onStale, onPublished }: { readonly about: Incident } & UpdateProps) {
  const { id, title, state, severity, updates } = about
  const [newest] = updates
  const [text, setText] = useUnsent(tabMemory, `oort-notice ${id}`, '')

  const publish = async (values: Readonly<Record<string, string>>) => {
    const postMortemUrl = values['postMortemUrl']?.trim() ?? ''
    const notice = {
      text,
      state: values['state'],
      newestSeen: newest?.id,
      ...(values['severity'] === severity ? {} : { severity: values['severity'] }),
      ...(postMortemUrl === '' ? {} : { postMortemUrl }),
    }
    try {
      await api.post(`/api/admin/incidents/${id}/updates`, notice)
    } catch (error) {
      if (error instanceof ApiError && error.code === 'CONFLICT') onStale()
      throw error
    }
    toast(notice.state === 'resolved' ? 'The incident is over.' : 'The notice is published.')
    onPublished()
  }

  return (
    <>
      <p>About “{title}”. Everybody will read it. This is what they read last:</p>
      {newest !== undefined && <PublishedNotice of={newest} />}
      <Form submit="Publish" onSubmit={publish} actions={<Button onClick={onClose}>Leave it</Button>}>
        <Choice
          key={state}
          name="state"
          label="State"
          value={state}
          options={state === 'resolved' ? states.filter(([each]) => each === 'resolved') : states}
        />
        <SeverityChoice key={severity} value={severity} />
        <Field
          name="text"
          label="Notice"
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
        <Field
          name="postMortemUrl"
          label="Post-mortem"
          type="url"
          maxLength={500}
          hint="Where it is published, once the incident is over. It begins with https."
        />
      </Form>
    </>
  )
}
