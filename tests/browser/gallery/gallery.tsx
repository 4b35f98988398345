import { render } from 'preact'
import { useState } from 'preact/hooks'
import { LocationProvider } from 'preact-iso/router'
import { api } from '../../../functions/web/client/api/api.ts'
import { SessionProvider } from '../../../functions/web/client/api/session.tsx'
import { stream } from '../../../functions/web/client/api/stream.ts'
import { useLoad } from '../../../functions/web/client/api/use-load.ts'
import { Count, Money, Time } from '../../../functions/web/client/components/amounts.tsx'
import { Button } from '../../../functions/web/client/components/button.tsx'
import { PageHeader } from '../../../functions/web/client/components/card.tsx'
import { Code } from '../../../functions/web/client/components/code.tsx'
import { CodeField } from '../../../functions/web/client/components/code-field.tsx'
import { CopyButton } from '../../../functions/web/client/components/copy-button.tsx'
import { ConfirmDelete } from '../../../functions/web/client/components/dialog.tsx'
import { Field } from '../../../functions/web/client/components/field.tsx'
import { Form } from '../../../functions/web/client/components/form.tsx'
import { Layout } from '../../../functions/web/client/components/layout.tsx'
import { EmptyState, Notice, Tag } from '../../../functions/web/client/components/notice.tsx'
import { PasswordProof, withProof } from '../../../functions/web/client/components/password-proof.tsx'
import { Progress, Skeleton } from '../../../functions/web/client/components/skeleton.tsx'
import { Table } from '../../../functions/web/client/components/table.tsx'
import { Tabs } from '../../../functions/web/client/components/tabs.tsx'
import { Toasts, toast } from '../../../functions/web/client/components/toasts.tsx'

const now = Date.now()
const runs = [
  { id: 'run_1', model: 'gpt-5.4', state: 'succeeded', at: now - 40_000, tokens: 1_204, micros: 2_140 },
  { id: 'run_2', model: 'claude-sonnet-5', state: 'failed', at: now - 7_200_000, tokens: 88, micros: 41 },
  { id: 'run_3', model: 'llama-4-scout', state: 'cancelled', at: now - 259_200_000, tokens: 15_310, micros: 1_250_000 },
] as const
const kinds = { succeeded: 'success', failed: 'danger', cancelled: 'warning' } as const

/** Runs a prompt, then follows it once more from the history. */
async function run(say: (word: string) => void): Promise<void> {
  let runId = ''
  for await (const { event, data } of stream.post('/api/runs', { model: 'gpt-5.4', prompt: 'hello comet' })) {
    const { text = '', runId: id = runId } = data as { readonly text?: string; readonly runId?: string }
    runId = id
    say(event === 'text' ? text : `[${event}]`)
  }
  for await (const { event } of stream.get(`/api/runs/${runId}/events`)) say(`[again ${event}]`)
}

/** Every part of the kit, as pages use it. */
function Gallery() {
  const [deleting, setDeleting] = useState(false)
  const [answer, setAnswer] = useState<readonly string[]>([])
  const me = useLoad('me', (signal) => api.get<{ readonly email: string }>('/api/auth/me', { signal }))
  return (
    <div class="page stack">
      <PageHeader
        title="Gallery"
        lead="Every part of the kit, as pages use it."
        actions={<Button kind="primary">Begin</Button>}
      />
      <div class="actions">
        <Button kind="primary" pending>
          Saving
        </Button>
        <Button onClick={() => toast('Saved.')}>Save</Button>
        <Button kind="quiet">Skip</Button>
        <Button kind="danger" onClick={() => setDeleting(true)}>
          Delete
        </Button>
        <Button disabled>Not now</Button>
        <CopyButton text="copied text" />
        <Button onClick={() => void withProof(() => api.post('/api/gallery')).then(() => toast('Done.'))}>Do it</Button>
      </div>
      <p>Signed in as {me.data?.email}</p>
      <div class="actions">
        <Button onClick={() => void run((word) => setAnswer((before) => [...before, word]))}>Run</Button>
        <output aria-label="Answer">{answer.join('')}</output>
      </div>
      <Notice title="For your information">Runs are kept for 30 days.</Notice>
      <Notice kind="success">The key works.</Notice>
      <Notice kind="warning">The key has not been used for a year.</Notice>
      <Notice kind="error">The provider refused the key.</Notice>
      <EmptyState title="No runs yet" action={<Button kind="primary">Open the playground</Button>}>
        What you run is kept here, sealed, until you delete it.
      </EmptyState>
      <Table
        caption="Runs"
        rows={runs}
        keyOf={({ id }) => id}
        columns={[
          { title: 'Model', cell: ({ model }) => model },
          { title: 'State', cell: ({ state }) => <Tag kind={kinds[state]}>{state}</Tag> },
          { title: 'When', cell: ({ at }) => <Time at={at} /> },
          { title: 'Tokens', numeric: true, cell: ({ tokens }) => <Count of={tokens} /> },
          { title: 'Cost', numeric: true, cell: ({ micros }) => <Money micros={micros} /> },
        ]}
      />
      <Tabs
        label="Language"
        tabs={[
          { id: 'curl', title: 'curl', content: () => <Code label="With curl" text={'curl -N /v1/messages'} /> },
          { id: 'python', title: 'Python', content: () => <Code label="With Python" text={'client = OpenAI()'} /> },
        ]}
      />
      <Form submit="Send" onSubmit={async () => {}}>
        <Field name="label" label="Label" hint="Seen by you alone." placeholder="laptop" error="Another key has it" />
        <Field name="prompt" label="Prompt" control={(attributes) => <textarea {...attributes} />} />
        <Field
          name="scope"
          label="Scope"
          control={(attributes) => (
            <select {...attributes}>
              <option>runs:read</option>
            </select>
          )}
        />
        <CodeField />
      </Form>
      <Progress label="Exporting" value={0.4} />
      <Skeleton />
      <ConfirmDelete
        open={deleting}
        title="Delete this key?"
        confirm="Delete the key"
        onConfirm={async () => toast('Its bytes are gone.')}
        onClose={() => setDeleting(false)}
      >
        <p>Its bytes are removed from the database and its logs. Runs that it paid for stay.</p>
      </ConfirmDelete>
    </div>
  )
}

const root = document.getElementById('app')
if (root !== null) {
  render(
    <SessionProvider>
      <LocationProvider>
        <Layout>
          <Gallery />
        </Layout>
        <PasswordProof />
        <Toasts />
      </LocationProvider>
    </SessionProvider>,
    root,
  )
}
