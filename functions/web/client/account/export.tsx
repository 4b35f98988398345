import { useEffect, useState } from 'preact/hooks'
import { api } from '../api/api.ts'
import { explain } from '../api/problem.ts'
import { Button } from '../components/button.tsx'
import { Notice } from '../components/notice.tsx'
import { withProof } from '../components/password-proof.tsx'
import { download } from '../components/save-file.ts'
import { Section } from '../components/section.tsx'
import { Progress } from '../components/skeleton.tsx'

interface ExportProgress {
  readonly id: string
  readonly state: 'ready' | 'streaming' | 'finished' | 'abandoned'
  readonly rowsTotal: number
  readonly rowsWritten: number
  readonly bytesWritten: number
}

/** How often it is asked how far an export is. Milliseconds. */
const askedEvery = 500

/** Everything that the account owns as one archive, which the browser saves while the server makes it. */
export function Export() {
  const [progress, setProgress] = useState<ExportProgress>()
  const [error, setError] = useState<unknown>()
  const [pending, setPending] = useState(false)
  const { id, state } = progress ?? {}
  const underWay = state === 'ready' || state === 'streaming'

  useEffect(() => {
    if (id === undefined || !underWay) return
    const gone = new AbortController()
    const timer = setInterval(() => {
      api.get<ExportProgress>(`/api/export/${id}`, { signal: gone.signal }).then(setProgress, () => {})
    }, askedEvery)
    return () => {
      clearInterval(timer)
      gone.abort()
    }
  }, [id, underWay])

  const start = async () => {
    setPending(true)
    setError(undefined)
    try {
      const begun = await withProof(() => api.post<ExportProgress>('/api/export'))
      setProgress(begun)
      download(`/api/export/${begun.id}/download`)
    } catch (thrown) {
      setError(thrown)
    } finally {
      setPending(false)
    }
  }

  return (
    <Section
      title="Your data"
      lead="An archive of all that the account owns: runs with prompts and answers, keys without their secrets, the audit log."
    >
      <div class="stack">
        {error !== undefined && <Notice kind="error">{explain(error)}</Notice>}
        {progress !== undefined && <ExportState of={progress} />}
        <div class="actions">
          <Button pending={pending || underWay} onClick={() => void start()}>
            {state === 'finished' ? 'Export it again' : 'Export my data'}
          </Button>
        </div>
      </div>
    </Section>
  )
}

function ExportState({ of: { state, rowsTotal, rowsWritten, bytesWritten } }: { readonly of: ExportProgress }) {
  if (state === 'abandoned') {
    return <Notice kind="error">The download ended before the last byte. Begin it again.</Notice>
  }
  if (state === 'finished') {
    return (
      <Notice kind="success" title="Your archive is complete">
        <p>
          {rowsWritten} records, {inWords(bytesWritten)}. It is signed, and holds a program that checks it without Oort;{' '}
          <code>oort verify-export</code> checks it too.
        </p>
      </Notice>
    )
  }
  return <Progress label={`${rowsWritten} of ${rowsTotal} records`} value={rowsWritten} max={Math.max(rowsTotal, 1)} />
}

function inWords(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1)
  const style = { style: 'unit', unit: units[power] ?? 'byte', maximumFractionDigits: 1 } as const
  return new Intl.NumberFormat('en', style).format(bytes / 1_000 ** power)
}
