/** Where what was typed and not sent waits, by its place, for the account that typed it. */
export interface Memory {
  /** What waits there, which waits no longer. */
  take(place: string): unknown
  keep(place: string, value: unknown): void
}

const owner = 'oort-account'
const texts = new Map<string, unknown>()
let endedByItself = false

/** Lives as long as the page, and is written nowhere: for prompts. */
export const pageMemory: Memory = {
  take(place) {
    const value = texts.get(place)
    texts.delete(place)
    return value
  },
  keep: (place, value) => texts.set(place, value),
}

/** Lives as long as the tab: for words that everybody will read, where signing in loads another document. */
export const tabMemory: Memory = {
  take(place) {
    const value = sessionStorage.getItem(place)
    sessionStorage.removeItem(place)
    return value === null ? undefined : JSON.parse(value)
  },
  keep: (place, value) => sessionStorage.setItem(place, JSON.stringify(value)),
}

/** The account is there: what another one left in this tab goes, before it sees a page. */
export function belongTo(accountId: string): void {
  if (sessionStorage.getItem(owner) !== accountId) letGo()
  sessionStorage.setItem(owner, accountId)
  endedByItself = false
}

/** The session ended and nobody asked for it: what is on its pages is kept, until it is known who signs in. */
export function endByItself(): void {
  endedByItself = true
}

/** Whether what is left now is to be kept. */
export function isKept(): boolean {
  return endedByItself
}

/** Nothing of the account stays in the tab. */
export function letGo(): void {
  endedByItself = false
  texts.clear()
  sessionStorage.clear()
}
