import { Card } from '../components/card.tsx'

export function Page() {
  return (
    <Card title="There is nothing here" lead="The address is wrong, or what it led to is gone.">
      <a class="button secondary" href="/">
        To the beginning
      </a>
    </Card>
  )
}
