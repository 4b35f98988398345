import { describe, expect, test } from 'vitest'
import { ConfigError, parseConfig } from '../../../core/config.ts'

const base = {
  NODE_ENV: 'production',
  BYOK_MASTER_KEY: 'kR7#vQ2m!xZ9pL4wT6yB8nH3jD5fG1sA',
  SESSION_SECRET: 'Zp4&mW8q@cN2tV6xE9rJ3kY7uL5hS1dF',
  OORT_PUBLIC_URL: 'https://oort.example',
}
const complete = {
  STRIPE_SECRET_KEY: `rk_live_${'4eC39HqL'.repeat(3)}`,
  STRIPE_WEBHOOK_SECRET: `whsec_${'5WbX1k'.repeat(5)}`,
  STRIPE_PRICE_PLUS: 'price_1PlusMonthly',
}

describe('the configuration of payments', () => {
  test('is none where nothing, or nothing but empty lines, is given: nobody is limited', () => {
    expect(parseConfig(base).payments).toBeUndefined()
    const empty = Object.fromEntries(Object.keys(complete).map((name) => [name, '']))
    expect(parseConfig({ ...base, ...empty }).payments).toBeUndefined()
  })

  test('is read whole, with the secret before as the second', () => {
    const previous = `whsec_${'Old1'.repeat(8)}`
    const env = { ...base, ...complete, STRIPE_WEBHOOK_SECRET_PREVIOUS: previous, STRIPE_PRICE_PRO: 'price_pro' }
    expect(parseConfig(env).payments).toEqual({
      secretKey: complete.STRIPE_SECRET_KEY,
      webhookSecrets: [complete.STRIPE_WEBHOOK_SECRET, previous],
      apiUrl: 'https://api.stripe.com',
      prices: { plus: 'price_1PlusMonthly', pro: 'price_pro' },
    })
  })

  test.each([
    ['STRIPE_SECRET_KEY', undefined, /^STRIPE_SECRET_KEY is not set/],
    ['STRIPE_WEBHOOK_SECRET', undefined, /^STRIPE_WEBHOOK_SECRET is not set/],
    ['STRIPE_PRICE_PLUS', undefined, /^STRIPE_PRICE_PLUS or STRIPE_PRICE_PRO must be set/],
    ['STRIPE_SECRET_KEY', 'pk_live_4eC39HqLyjWDarjtT1zdp7dc', /^STRIPE_SECRET_KEY does not look like one$/],
    ['STRIPE_SECRET_KEY', 'sk_live_', /^STRIPE_SECRET_KEY does not look like one$/],
    ['STRIPE_WEBHOOK_SECRET', 'whsec_', /^STRIPE_WEBHOOK_SECRET does not look like one$/],
    ['STRIPE_WEBHOOK_SECRET', `${complete.STRIPE_WEBHOOK_SECRET} `, /^STRIPE_WEBHOOK_SECRET does not look like one$/],
    ['STRIPE_WEBHOOK_SECRET_PREVIOUS', 'before', /^STRIPE_WEBHOOK_SECRET_PREVIOUS does not look like one$/],
    ['STRIPE_PRICE_PRO', 'prod_1Pro', /^STRIPE_PRICE_PRO does not look like one$/],
    ['STRIPE_PRICE_PRO', complete.STRIPE_PRICE_PLUS, /^STRIPE_PRICE_PRO is the price of another plan too$/],
    ['STRIPE_API_URL', 'http://127.0.0.1:9', /^STRIPE_API_URL must use https in production$/],
  ])('stops the start with %s %s, and tells no value', (name, value, message) => {
    const attempt = () => parseConfig({ ...base, ...complete, [name]: value })
    expect(attempt).toThrow(ConfigError)
    expect(attempt).toThrow(message)
    if (value !== undefined) expect(attempt).not.toThrow(value)
  })
})
