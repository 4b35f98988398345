import { useEffect, useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { api } from '../api/api.ts'
import { endOffer, hasPasskeys, offerPasskeys, signInByPasskey } from '../api/passkey.ts'
import { ApiError, explain } from '../api/problem.ts'
import { useSession } from '../api/session.tsx'
import { Button } from '../components/button.tsx'
import { Card } from '../components/card.tsx'
import { CodeField } from '../components/code-field.tsx'
import { Field, PasswordField } from '../components/field.tsx'
import { Form } from '../components/form.tsx'
import { Notice } from '../components/notice.tsx'

/** Address and password; a code is asked for once the API wants one. The guard of the route goes on from there. */
export function Page() {
  const { refresh } = useSession()
  const { query } = useLocation()
  const [withCode, setWithCode] = useState(false)

  const signIn = async ({ email, password, code }: Readonly<Record<string, string>>) => {
    try {
      await api.post('/api/auth/sign-in', { email, password, ...(withCode ? { code } : {}) })
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'SECOND_FACTOR_REQUIRED') throw error
      setWithCode(true)
      return
    }
    await refresh()
  }

  return (
    <Card title="Sign in" lead={query['to'] === undefined ? undefined : 'Sign in to go on to where you were.'}>
      <Form
        submit="Sign in"
        onSubmit={signIn}
        issueOf={({ code, message }) => (code === 'SECOND_FACTOR_REFUSED' ? { code: message } : undefined)}
      >
        <Field name="email" label="E-mail address" type="email" required autoComplete="username webauthn" />
        <PasswordField />
        {withCode && <CodeField focused />}
      </Form>
      {hasPasskeys() && <ByPasskey onDone={refresh} />}
      <p class="aside">
        <a href="/reset-password">Forgot your password?</a>
      </p>
      <p class="aside">
        New here? <a href="/sign-up">Open an account</a>
      </p>
    </Card>
  )
}

/** The other way in: a button, and the browser's own suggestions at the field of the address. */
function ByPasskey({ onDone }: { onDone(): Promise<void> }) {
  const [pending, setPending] = useState(false)
  const [refusal, setRefusal] = useState<unknown>()
  const offer = usePasskeyOffer(onDone, setRefusal)

  const signIn = async () => {
    setPending(true)
    setRefusal(undefined)
    offer.pause()
    try {
      await signInByPasskey()
      await onDone()
    } catch (error) {
      setRefusal(error)
      offer.resume()
    } finally {
      setPending(false)
    }
  }

  return (
    <div class="stack other-way">
      {refusal !== undefined && <Notice kind="error">{explain(refusal)}</Notice>}
      <Button pending={pending} onClick={() => void signIn()}>
        Sign in with a passkey
      </Button>
    </div>
  )
}

/** A challenge holds for five minutes, and a page stands open for longer. Milliseconds. */
const renewedAfter = 4 * 60_000

function usePasskeyOffer(onDone: () => Promise<void>, onRefused: (error: unknown) => void) {
  const paused = useRef(false)

  const offer = () => {
    if (paused.current) return
    offerPasskeys(() => paused.current)
      .then((signedIn) => (signedIn ? onDone() : undefined))
      .catch(onRefused)
  }
  useEffect(() => {
    offer()
    const timer = setInterval(offer, renewedAfter)
    return () => {
      clearInterval(timer)
      void endOffer()
    }
  }, [])

  return {
    pause() {
      paused.current = true
    },
    resume() {
      paused.current = false
      offer()
    },
  }
}
