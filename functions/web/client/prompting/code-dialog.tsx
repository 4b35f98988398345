import { useState } from 'preact/hooks'
import type { Provider } from '../../../../core/providers/provider.ts'
import { Button } from '../components/button.tsx'
import { Code } from '../components/code.tsx'
import { CopyButton } from '../components/copy-button.tsx'
import { Dialog } from '../components/dialog.tsx'
import { Tabs } from '../components/tabs.tsx'
import { type Draft, modelsIn, questionIn } from './draft.ts'
import { type Model, modelNamed } from './run-record.ts'
import { snippetsFor } from './snippets.ts'

/** The draft as a program, in three languages. */
export function CodeDialog({
  open,
  draft,
  models,
  onClose,
}: {
  readonly open: boolean
  readonly draft: Draft
  readonly models: readonly Model[]
  onClose(): void
}) {
  const names = modelsIn(draft)
  const [chosen, setChosen] = useState('')
  const name = names.includes(chosen) ? chosen : (names[0] ?? '')
  const snippets = snippetsFor(name, providerOf(name, models), questionIn(draft), location.origin)
  return (
    <Dialog open={open} title="As code" onClose={onClose}>
      <div class="stack code-dialog">
        <p>
          The provider’s own client with another base URL, and an API key of this Oort, which you issue{' '}
          <a href="/keys">among your keys</a>.
        </p>
        {names.length > 1 && (
          <label class="field">
            <span>For</span>
            <select value={name} onChange={(event) => setChosen(event.currentTarget.value)}>
              {names.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
        )}
        <Tabs
          label="Language"
          tabs={snippets.map(({ id, title, code }) => ({
            id,
            title,
            content: () => (
              <div class="stack">
                <Code label={`In ${title}`} text={code} />
                <div class="actions">
                  <CopyButton text={code} />
                  <Button kind="quiet" onClick={onClose}>
                    Close
                  </Button>
                </div>
              </div>
            ),
          }))}
        />
      </div>
    </Dialog>
  )
}

/** A name that is not in the list says itself whose it is, or looks like it. */
function providerOf(name: string, models: readonly Model[]): Provider {
  const known = modelNamed(name, models)?.provider
  if (known !== undefined) return known
  return /^(anthropic\/|claude-)/.test(name) ? 'anthropic' : 'openai'
}
