import { afterAll, expect, test } from 'vitest'
import { deliver, paymentsEnv, prices, secrets } from '../functions/payments/lab.ts'
import { startStripeEmulator } from '../support/stripe-emulator/stripe-emulator.ts'
import { inspect, openBrowserLab } from './lab.ts'

const stripe = await startStripeEmulator({ secretKey: secrets.key, prices: Object.values(prices), clock: Date.now })
const [free, selling] = await Promise.all([
  openBrowserLab(),
  openBrowserLab({ oort: { env: paymentsEnv(stripe.origin) } }),
])
afterAll(async () => {
  await Promise.all([free[Symbol.asyncDispose](), selling[Symbol.asyncDispose]()])
  await stripe.close()
})

test('where no payments are taken, the page says so and shows no limit', async () => {
  await free.visit(async ({ page, goto, signIn }) => {
    await signIn()
    await goto('/plan')
    await page.getByText('No payments are taken here.').waitFor()
    expect(await page.getByRole('meter').count()).toBe(0)
    expect(await page.getByRole('button', { name: /^Take/ }).count()).toBe(0)
  })
})

test('where plans are sold, one sees what is used, and goes to the checkout and back', async () => {
  await selling.visit(async (visitor) => {
    const { page, goto, signIn } = visitor
    await signIn()
    await goto('/plan')
    await page.getByText('0 of 200').waitFor()
    await inspect(visitor, 'plan-free')

    await page.route('https://checkout.stripe.example/**', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<h1>The checkout</h1>' }),
    )
    await page.getByRole('button', { name: 'Take Plus' }).click()
    await page.getByRole('heading', { name: 'The checkout' }).waitFor()
    const session = page.url().split('/').at(-1) ?? ''
    await goto('/billing?checkout=left')
    await page.getByText('nothing was bought').waitFor()

    await goto('/billing?checkout=done')
    await page.getByText('Stripe has your order.').waitFor()
    await page.getByRole('heading', { name: 'Free' }).first().waitFor()
    for (const event of stripe.books.pay(session).events) await deliver({ oort: selling.house.oort }, event)
    await page.getByText('0 of 5,000').waitFor()
    await inspect(visitor, 'billing-done')

    await page.route('https://billing.stripe.example/**', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<h1>The portal</h1>' }),
    )
    expect(await page.getByRole('button', { name: /^Take/ }).count()).toBe(0)
    await page.getByRole('button', { name: 'Change, cancel, invoices' }).click()
    await page.getByRole('heading', { name: 'The portal' }).waitFor()
  })
})
