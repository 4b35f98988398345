import { type ComponentChildren, createContext } from 'preact'
import { useCallback, useContext, useEffect, useMemo, useState } from 'preact/hooks'
import { api, onUnauthenticated } from './api.ts'

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

type State = { readonly status: 'unknown' | 'out' } | { readonly status: 'in'; readonly me: Me }

export type Session = State & {
  /** Asks who is signed in; resolves when that is known. */
  refresh(): Promise<void>
  /** Ends the session at the server. Lead to a page for everyone next, and then `forget`. */
  signOut(): Promise<void>
  /** The session is known to be over: there is nothing to ask the server. */
  forget(): void
}

const SessionContext = createContext<Session | undefined>(undefined)

/** Without a cookie that may be good there is nobody to ask for, and a refusal to spare. */
const sent = document.querySelector<HTMLMetaElement>('meta[name="oort-session"]')?.content === 'sent'

export function SessionProvider({ children }: { readonly children: ComponentChildren }) {
  const [state, setState] = useState<State>({ status: sent ? 'unknown' : 'out' })

  const refresh = useCallback(async () => {
    const me = await api.get<Me>('/api/auth/me').catch(() => undefined)
    setState(me === undefined ? { status: 'out' } : { status: 'in', me })
  }, [])

  const signOut = useCallback(async () => {
    await api.post('/api/auth/sign-out')
  }, [])

  const forget = useCallback(() => setState({ status: 'out' }), [])

  useEffect(() => {
    onUnauthenticated(forget)
    if (sent) void refresh()
  }, [refresh, forget])

  const session = useMemo(() => ({ ...state, refresh, signOut, forget }), [state, refresh, signOut, forget])
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
