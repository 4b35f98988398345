/** An answer that has been read to its end. */
export interface ReadAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; throws where it is none. */
  json<T = Record<string, unknown>>(): T
}

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly signal?: AbortSignal
}

/** What a browser does for a page on Oort's own site: it keeps cookies and names its origin. */
export class Browser {
  readonly origin: string
  readonly publicUrl: string
  readonly #cookies = new Map<string, string>()

  constructor(origin: string, publicUrl: string) {
    this.origin = origin
    this.publicUrl = publicUrl
  }

  /** The Cookie header that would be sent. */
  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** The session's cookie alone, dead or alive, without the one by which the browser is known again; '' for none. */
  get session(): string {
    return this.cookie.split('; ').find((pair) => /^(__Host-)?oort=/.test(pair)) ?? ''
  }

  /** A second browser with a copy of this one's cookies, for the same site at another address perhaps. */
  copy(origin = this.origin): Browser {
    const copy = new Browser(origin, this.publicUrl)
    for (const [name, value] of this.#cookies) copy.#cookies.set(name, value)
    return copy
  }

  /** Sends a request and answers as soon as the headers are there. */
  async fetch(method: string, path: string, { headers = {}, body, signal }: Sent = {}): Promise<Response> {
    const answer = await fetch(this.origin + path, {
      method,
      redirect: 'manual',
      headers: {
        origin: this.publicUrl,
        'sec-fetch-site': 'same-origin',
        ...(this.#cookies.size === 0 ? {} : { cookie: this.cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
    for (const line of answer.headers.getSetCookie()) this.#keep(line)
    return answer
  }

  async send(method: string, path: string, sent: Sent = {}): Promise<ReadAnswer> {
    const answer = await this.fetch(method, path, sent)
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, text, json: <T>() => JSON.parse(text) as T }
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<ReadAnswer> {
    return this.send('GET', path, { headers })
  }

  post(path: string, body: unknown = {}, headers: Readonly<Record<string, string>> = {}): Promise<ReadAnswer> {
    return this.send('POST', path, { body, headers })
  }

  delete(path: string, headers: Readonly<Record<string, string>> = {}): Promise<ReadAnswer> {
    return this.send('DELETE', path, { headers })
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';')
    const at = pair.indexOf('=')
    const name = pair.slice(0, at)
    const gone = attributes.some((attribute) => /^\s*(max-age=0|expires=Thu, 01 Jan 1970)/i.test(attribute))
    if (gone) this.#cookies.delete(name)
    else this.#cookies.set(name, pair.slice(at + 1))
  }
}
