import { type ComponentChildren, createContext } from 'preact'
import { useCallback, useContext, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { api, onRefusal, speakFor } from './api.ts'
import { ApiError } from './problem.ts'
import { belongTo, endByItself, letGo } from './unsent.ts'
import { useReturn } from './use-return.ts'

/** The signed-in account, as `GET /api/auth/me` answers it. */
export interface Me {
  readonly id: string
  readonly email: string
  readonly role: 'user' | 'admin'
  readonly emailVerified: boolean
  readonly secondFactor: boolean
  /** Milliseconds UTC. */
  readonly createdAt: number
}

type State =
  /** `failure` is why it could not be told. */
  | { readonly status: 'unknown'; readonly failure?: unknown }
  | { readonly status: 'out' }
  | { readonly status: 'in'; readonly me: Me }

export type Session = State & {
  /** Asks who is signed in; resolves when that is known. Throws ApiError where it cannot be told: what was known stays. */
  refresh(): Promise<void>
  /** Changes what is known of the account here, after a change whose outcome is known. */
  amend(facts: Partial<Me>): void
  /** Ends the session at the server. Lead to a page for everyone next, and then `forget`. */
  signOut(): Promise<void>
  /** The session is known to be over: there is nothing to ask the server, and nothing of the account stays here. */
  forget(): void
}

const SessionContext = createContext<Session | undefined>(undefined)

/** Without a cookie that may be good there is nobody to ask for, and a refusal to spare. */
const sent = document.querySelector<HTMLMetaElement>('meta[name="oort-session"]')?.content === 'sent'

export function SessionProvider({ children }: { readonly children: ComponentChildren }) {
  const [state, setState] = useState<State>({ status: sent ? 'unknown' : 'out' })
  const newest = useRef(state)
  newest.current = state

  const refresh = useCallback(async () => {
    const { current: before } = newest
    setState((now) => (now.status === 'unknown' ? { status: 'unknown' } : now))
    try {
      const me = await api.get<Me>('/api/auth/me')
      // Signed out while it was asked: the answer is of before that.
      if (before.status !== 'out' && newest.current.status === 'out') return
      belongTo(me.id)
      speakFor(me.id)
      setState({ status: 'in', me })
    } catch (error) {
      // That nobody is signed in was told already. Any other refusal says nothing of it.
      if (error instanceof ApiError && error.code === 'UNAUTHENTICATED') return
      setState((now) => (now.status === 'unknown' ? { status: 'unknown', failure: error } : now))
      throw error
    }
  }, [])

  const amend = useCallback((facts: Partial<Me>) => {
    setState((now) => (now.status === 'in' ? { status: 'in', me: { ...now.me, ...facts } } : now))
  }, [])

  const signOut = useCallback(async () => {
    await api.post('/api/auth/sign-out')
  }, [])

  const forget = useCallback(() => {
    letGo()
    speakFor(undefined)
    setState({ status: 'out' })
  }, [])

  const look = useCallback(async () => {
    if (newest.current.status !== 'out') await refresh().catch(() => {})
  }, [refresh])

  useEffect(() => {
    onRefusal((code) => {
      if (code === 'UNAUTHENTICATED') {
        endByItself()
        speakFor(undefined)
        setState({ status: 'out' })
      }
      // At another page: what stands here is not theirs.
      if (code === 'ACCOUNT_CHANGED') {
        setState({ status: 'unknown' })
        location.reload()
      }
      // It was set up at another page: this one is to ask for its code from now on.
      if (code === 'SECOND_FACTOR_REQUIRED') void look()
    })
    void look()
  }, [look])
  useReturn(look)

  const session = useMemo(
    () => ({ ...state, refresh, amend, signOut, forget }),
    [state, refresh, amend, signOut, forget],
  )
  return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>
}

export function useSession(): Session {
  const session = useContext(SessionContext)
  if (session === undefined) throw new Error('useSession is for children of SessionProvider')
  return session
}

/** The account on a page for members, which is drawn for nobody else. */
export function useMe(): Me {
  const session = useSession()
  if (session.status !== 'in') throw new Error('useMe is for pages for members')
  return session.me
}
