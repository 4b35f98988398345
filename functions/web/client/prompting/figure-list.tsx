import { Money } from '../components/amounts.tsx'
import { type Figures, inSeconds } from './figures.ts'

const whole = new Intl.NumberFormat('en')
const speed = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

/** What an answer took. `≈` stands before what is our count and not the provider's. */
export function FigureList({ figures, priced = true }: { readonly figures: Figures; readonly priced?: boolean }) {
  const { wait, speed: rate, inputTokens, outputTokens, cost, estimated } = figures
  const about = estimated ? '≈ ' : ''
  return (
    <dl class="figures">
      <div>
        <dt>First token</dt>
        <dd class="number">{wait === undefined ? '–' : inSeconds(wait)}</dd>
      </div>
      <div>
        <dt>Tokens/s</dt>
        <dd class="number">{rate === undefined ? '–' : about + speed.format(rate)}</dd>
      </div>
      <div>
        <dt>Tokens</dt>
        <dd class="number">
          {inputTokens === undefined && outputTokens === undefined ? '–' : about}
          {inputTokens !== undefined && `${whole.format(inputTokens)} in`}
          {outputTokens !== undefined && `, ${whole.format(outputTokens)} out`}
        </dd>
      </div>
      <div>
        <dt>Cost</dt>
        <dd class="number">
          {cost === undefined && (priced ? '–' : <span title="No list price is known for this model">not known</span>)}
          {cost !== undefined && (
            <>
              {about}
              <Money micros={cost} />
            </>
          )}
        </dd>
      </div>
    </dl>
  )
}
