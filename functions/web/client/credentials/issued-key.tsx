import { Button } from '../components/button.tsx'
import { Code } from '../components/code.tsx'
import { CopyButton } from '../components/copy-button.tsx'
import { Dialog } from '../components/dialog.tsx'
import { Tabs } from '../components/tabs.tsx'
import type { IssuedApiKey } from './api-key.ts'
import { firstSteps } from './first-steps.ts'

/** Shows an API key, this once, and how a program uses it. */
export function IssuedKey({ issued, onClose }: { readonly issued: IssuedApiKey | undefined; onClose(): void }) {
  return (
    <Dialog open={issued !== undefined} title="Copy your key now" onClose={onClose}>
      {issued !== undefined && (
        <div class="stack">
          <p>Oort keeps its hash alone: this is the only time that the key is shown.</p>
          <div class="once">
            <code>{issued.token}</code>
            <CopyButton text={issued.token} label="Copy the key" />
          </div>
          <p>
            Programs use it with the client that they have, and another base URL. Here <code>OORT_API_KEY</code> holds
            the key.
          </p>
          <Tabs
            label="Language"
            tabs={firstSteps(location.origin).map(({ id, title, code }) => ({
              id,
              title,
              content: () => (
                <div class="stack">
                  <Code label={`In ${title}`} text={code} />
                  <div class="actions">
                    <CopyButton text={code} label="Copy the code" />
                  </div>
                </div>
              ),
            }))}
          />
          <div class="actions">
            <Button kind="primary" onClick={onClose}>
              I have copied the key
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  )
}
