import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type * as z from 'zod'
import type { OortError } from '../errors.ts'
import type { AdminScope } from '../scope/admin-scope.ts'
import type { UserScope } from '../scope/user-scope.ts'
import type { Identity } from '../session/identity.ts'
import type { SessionCookie } from '../session/session-cookie.ts'
import type { TokenScope } from '../session/token-scopes.ts'

/**
 * Who may call: anyone; a signed-in browser; an administrator, whose role is read anew for each call; or, by the name
 * of a token scope, a signed-in browser and programs whose API key has that scope.
 */
export type Access = 'public' | 'session' | 'admin' | TokenScope

/** The shapes of a call. Every operation has a response schema: what it does not name never leaves. */
export interface OperationSchema {
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  readonly response: Readonly<Record<number, z.ZodType>>
}

type Parsed<Z> = Z extends z.ZodType ? z.output<Z> : undefined

type ScopeOf<A extends Access> = A extends 'public' ? undefined : A extends 'admin' ? AdminScope : UserScope
type IdentityOf<A extends Access> = A extends 'public' ? undefined : Identity

/** A request that has been authenticated and validated. */
export interface Call<A extends Access, S extends OperationSchema> {
  /** The request's id, which the answer and the log carry too. */
  readonly id: string
  /** The caller's address, seen through trusted proxies alone. */
  readonly ip: string
  readonly headers: IncomingHttpHeaders
  readonly params: Parsed<S['params']>
  readonly query: Parsed<S['query']>
  readonly body: Parsed<S['body']>
  /** The very bytes of the body, for those who pass them on or check a signature over them. */
  readonly rawBody: Buffer
  readonly identity: IdentityOf<A>
  /** The door to the caller's own rows. */
  readonly scope: ScopeOf<A>
  readonly cookie: SessionCookie
  /** Aborted when the caller is gone before the answer is complete. */
  readonly signal: AbortSignal
}

export type AnswerHeaders = Readonly<Record<string, string>>

/** The work behind a stream, as an Idempotency-Key has to know it. */
export interface StreamedWork {
  /** It goes on when its caller leaves: a repetition must not begin it again. */
  readonly outlivesCaller: boolean
  /** Asked at the end of the stream: what failed may be tried again. */
  failed(): boolean
}

/** What goes back: a JSON value that the response schema shapes, or bytes that go out as they are. */
export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown; readonly headers: AnswerHeaders }
  | {
      readonly kind: 'bytes'
      readonly status: number
      readonly body: Buffer | Readable
      readonly headers: AnswerHeaders & { readonly 'content-type': string }
      /** Without it the work behind a stream ends with it, and has succeeded. */
      readonly work?: StreamedWork | undefined
    }

/** Makes the answer of one of the operation's own statuses, with a body of that status's shape. */
export type Reply<S extends OperationSchema> = <K extends keyof S['response'] & number>(
  status: K,
  body: S['response'][K] extends z.ZodType ? z.output<S['response'][K]> : never,
  headers?: AnswerHeaders,
) => Answer

export type ProveOrigin = (sent: Pick<Call<'public', OperationSchema>, 'headers' | 'rawBody'>) => void

/** `url` is the path that was asked for, with its query. Undefined leaves it at the problem document. */
export type ErrorPage = (error: OortError, url: string) => Answer | undefined

export interface OperationDefinition<A extends Access, S extends OperationSchema> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly access: A
  /** One line for the API description. */
  readonly summary: string
  readonly schema: S
  /** Calls allowed for each address within a time, beside the general limit. */
  readonly limit?: { readonly calls: number; readonly perSeconds: number }
  /** Honours Idempotency-Key. For operations that know their caller. */
  readonly idempotent?: true
  /** Largest body in bytes; 64 KiB unless told. */
  readonly bodyLimit?: number
  /** How long a caller's connection may stand still before its answer, in milliseconds; `socketIdleMs` unless told. */
  readonly patience?: number
  /**
   * For what a service calls, and no browser: throws unless the very bytes carry its signature. It stands in for the
   * cross-site check, which has nothing to check where no cookie is read, and comes before `handle`.
   */
  readonly proveOrigin?: A extends 'public' ? ProveOrigin : never
  /** False for a GET that uses something up: HEAD, which changes nothing anywhere, is refused. */
  readonly head?: false
  /** For pages: what a browser that asks for one gets instead of an error's problem document. */
  readonly errorPage?: ErrorPage
  handle(call: Call<A, S>, reply: Reply<S>): Promise<Answer>
}

/** An operation of any shape, as the host registers it. */
export type Operation = OperationDefinition<Access, OperationSchema>

/**
 * The methods of HTTP that an operation answers: who may GET may ask for the headers alone (RFC 9110, section 9.3.2),
 * unless `head` says otherwise.
 */
export function methodsOf({ method, head }: Pick<Operation, 'method' | 'head'>): readonly string[] {
  return method === 'GET' && head !== false ? ['GET', 'HEAD'] : [method]
}

/** Declares an operation. The handler's types follow from its access and its schema. */
export function operation<const A extends Access, const S extends OperationSchema>(
  definition: OperationDefinition<A, S>,
): Operation {
  return definition as unknown as Operation
}

/** One deployable part of the API: a name and its operations. */
export interface Capability {
  readonly name: string
  readonly operations: readonly Operation[]
  /** The HTML document for people at an address that no operation has. */
  pageNotFound?(): string
  /** Called once before the host serves its first request. */
  start?(): Promise<void>
  /** Answers when what answers left for later is done, for hosts that are frozen between two requests. */
  settle?(): Promise<void>
  /** Called when the host is to stop, while answers are still under way: ends those that would take too long. */
  drain?(): Promise<void>
  /** Called once when the host's last answer is out and the database is still open. */
  stop?(): Promise<void>
}

/** Bytes that go out as they are: a provider's own answer, a stream, an archive. */
export function bytes(
  status: number,
  contentType: string,
  body: Buffer | Readable,
  headers: AnswerHeaders = {},
  work?: StreamedWork,
): Answer {
  return { kind: 'bytes', status, body, headers: { ...headers, 'content-type': contentType }, work }
}
