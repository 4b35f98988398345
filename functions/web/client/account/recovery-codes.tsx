import { Button } from '../components/button.tsx'
import { CopyButton } from '../components/copy-button.tsx'
import { saveFile } from '../components/save-file.ts'

/** Shows new recovery codes, this once. */
export function RecoveryCodes({ codes, onDone }: { readonly codes: readonly string[]; onDone(): void }) {
  const text = codes.join('\n')
  const file = `Recovery codes for ${location.host}\nEach counts once, in the place of a code of the authenticator app.\n\n${text}\n`
  return (
    <div class="stack">
      <p>
        Each of these signs you in once on the day on which your authenticator is lost. Oort keeps their hashes alone:
        this is the only time that they are shown.
      </p>
      <ul class="recovery-codes" aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div class="actions">
        <CopyButton text={text} label="Copy them" />
        <Button onClick={() => saveFile('oort-recovery-codes.txt', file)}>Download them</Button>
        <Button kind="primary" onClick={onDone}>
          I have kept them
        </Button>
      </div>
    </div>
  )
}
