import { api, withQuery } from '../api/api.ts'
import { useLoad } from '../api/use-load.ts'
import { byModel, type ListedRun } from './run-record.ts'

/** The other runs of a comparison. */
export function Siblings({ comparisonId, current }: { readonly comparisonId: string; readonly current: string }) {
  const path = withQuery('/api/runs', { comparisonId })
  const { data } = useLoad(path, (signal) => api.get<{ readonly runs: readonly ListedRun[] }>(path, { signal }))
  const runs = data?.runs.toSorted(byModel) ?? []
  if (runs.length < 2) return null
  return (
    <nav aria-label="Compared models">
      <ul class="siblings">
        {runs.map(({ id, model }) => (
          <li key={id}>
            <a class="button secondary" href={`/history/${id}`} aria-current={id === current ? 'page' : undefined}>
              {model}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}
