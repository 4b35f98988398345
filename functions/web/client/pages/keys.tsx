import { PageHeader } from '../components/card.tsx'
import { ApiKeys } from '../credentials/api-keys.tsx'
import { ProviderKeys } from '../credentials/provider-keys.tsx'

/** The keys that users bring, and the keys that their programs are given. */
export function Page() {
  return (
    <div class="page">
      <PageHeader title="Keys" />
      <div class="sections">
        <ProviderKeys />
        <ApiKeys />
      </div>
    </div>
  )
}
