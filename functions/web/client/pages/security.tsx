import { Served } from '../served.tsx'

/** What the server wrote: functions/web/security. */
export function Page() {
  return <Served />
}
