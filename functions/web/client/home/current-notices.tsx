import { api } from '../api/api.ts'
import { useLoad } from '../api/use-load.ts'
import { Time } from '../components/amounts.tsx'
import { Notice } from '../components/notice.tsx'

interface CurrentNotice {
  readonly incidentId: string
  readonly title: string
  readonly text: string
  readonly updatedAt: number
}

/** What goes wrong at the moment, the worst first; nothing where nothing does, or where it cannot be told. */
export function CurrentNotices() {
  const { data } = useLoad('status', (signal) =>
    api.get<{ readonly notices: readonly CurrentNotice[] }>('/api/status', { signal }),
  )
  if (data === undefined || data.notices.length === 0) return null
  return (
    <section aria-label="Current notices" class="notices">
      {data.notices.map(({ incidentId, title, text, updatedAt }) => (
        <Notice key={incidentId} kind="warning" title={title}>
          <p class="notice-text">{text}</p>
          <p class="aside">
            <Time at={updatedAt} />. <a href={`/status#${incidentId}`}>What we know</a>
          </p>
        </Notice>
      ))}
    </section>
  )
}
