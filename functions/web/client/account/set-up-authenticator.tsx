import { useState } from 'preact/hooks'
import { api } from '../api/api.ts'
import { Button } from '../components/button.tsx'
import { CodeField } from '../components/code-field.tsx'
import { CopyButton } from '../components/copy-button.tsx'
import { Dialog } from '../components/dialog.tsx'
import { PasswordField } from '../components/field.tsx'
import { Form } from '../components/form.tsx'
import { proofIssue } from '../components/proof-fields.tsx'
import { QrCode } from './qr-code.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'

interface Secret {
  readonly secret: string
  readonly uri: string
}

type Step =
  | { readonly at: 'password' }
  | { readonly at: 'scan'; readonly secret: Secret }
  | { readonly at: 'codes'; readonly codes: readonly string[] }

const titles = {
  password: 'Set up an authenticator app',
  scan: 'Scan this with your app',
  codes: 'Keep your recovery codes',
} as const

/** Password, then the secret and its first code, then the recovery codes. `onConfirmed` comes before these are shown. */
export function SetUpAuthenticator({
  open,
  onConfirmed,
  onClose,
}: {
  readonly open: boolean
  onConfirmed(unused: number): void
  onClose(): void
}) {
  const [step, setStep] = useState<Step>({ at: 'password' })
  const close = () => {
    setStep({ at: 'password' })
    onClose()
  }
  const begin = async ({ password }: Readonly<Record<string, string>>) => {
    setStep({ at: 'scan', secret: await api.post<Secret>('/api/auth/second-factor', { password }) })
  }
  const confirm = async ({ code }: Readonly<Record<string, string>>) => {
    const { recoveryCodes: codes } = await api.post<{ readonly recoveryCodes: readonly string[] }>(
      '/api/auth/second-factor/confirm',
      { code },
    )
    setStep({ at: 'codes', codes })
    onConfirmed(codes.length)
  }

  return (
    <Dialog open={open} title={titles[step.at]} onClose={close}>
      {step.at === 'password' && (
        <Form key="password" submit="Go on" onSubmit={begin} issueOf={proofIssue}>
          <p>Your password first: what is set up here decides who can sign in.</p>
          <PasswordField />
        </Form>
      )}
      {step.at === 'scan' && (
        <Form key="scan" submit="Confirm" onSubmit={confirm} issueOf={proofIssue}>
          <TotpSecret of={step.secret} />
          <CodeField recovery={false} />
        </Form>
      )}
      {step.at === 'codes' && <RecoveryCodes codes={step.codes} onDone={close} />}
    </Dialog>
  )
}

function TotpSecret({ of: { secret, uri } }: { readonly of: Secret }) {
  const [asText, setAsText] = useState(false)
  return (
    <div class="totp-secret">
      <QrCode text={uri} label="The secret as a QR code; it is below as text too" />
      {asText ? (
        <>
          <p>
            <code>{secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
          </p>
          <CopyButton text={secret} label="Copy the secret" />
        </>
      ) : (
        <Button kind="quiet" onClick={() => setAsText(true)}>
          Show the secret as text
        </Button>
      )}
    </div>
  )
}
