import { explain } from '../api/problem.ts'
import { useSession } from '../api/session.tsx'
import { Button } from './button.tsx'
import { Card } from './card.tsx'
import { PageSkeleton } from './skeleton.tsx'

/** Holds a page's place until it is known who is there. Where that could not be told, says why, and asks again. */
export function WhoIsThere() {
  const session = useSession()
  const failure = session.status === 'unknown' ? session.failure : undefined
  if (failure === undefined) return <PageSkeleton />
  return (
    <Card title="We could not look up who you are" lead={explain(failure)}>
      <Button kind="primary" onClick={() => session.refresh().catch(() => {})}>
        Try again
      </Button>
    </Card>
  )
}
