import { get as getPlain } from 'node:http'
import { get as getSecured } from 'node:https'

// The images' health check: asks OORT_PROBE, an address inside the container, and exits with 0 for an answer. Over TLS
// the site's own name is asked for and its certificate not judged, as that may still be on its way from the authority.
// Nothing but this file and Node is in the image to ask with.

const address = new URL(process.env['OORT_PROBE'] ?? '')
const [site = ''] = (process.env['OORT_SITE'] ?? '').split(/[:,\s]/)
const timeout = 4_000

const request =
  address.protocol === 'https:'
    ? getSecured(address, { servername: site, headers: { host: site }, rejectUnauthorized: false, timeout })
    : getPlain(address, { timeout })
request.on('timeout', () => request.destroy(new Error('no answer in time')))
request.on('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
request.on('response', ({ statusCode = 0 }) => process.exit(statusCode === 200 ? 0 : 1))
