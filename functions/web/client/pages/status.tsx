import { Served } from '../served.tsx'
import { walkDays } from '../status-days.ts'

const walkable = (root: HTMLElement) => {
  for (const days of root.querySelectorAll<HTMLElement>('.days')) walkDays(days)
}

/** What the server wrote (functions/web/status), with bars that one can go along. */
export function Page() {
  return <Served enhance={walkable} />
}
