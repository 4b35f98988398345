import { createMailer } from '../../mail/mailer.ts'
import type { Platform } from '../../platform.ts'
import { providers } from '../../providers/provider.ts'
import type { Component } from '../terms.ts'
import type { Probe, Stopwatch } from './probe.ts'
import { type LoopDelay, probeApi } from './probe-api.ts'
import { probeDatabase } from './probe-database.ts'
import { reachOrigin } from './reach-origin.ts'

export interface ProbeParts {
  /** The address that this process listens on. */
  readonly ownOrigin: () => string
  readonly loop: LoopDelay
  readonly stopwatch: Stopwatch
}

/**
 * The probes of all that is configured. Each goes to the one origin that the configuration pins its component to, and
 * carries no key; only the mail server is shown our name and password, as for any message.
 */
export function probesOf(platform: Platform, { ownOrigin, loop, stopwatch }: ProbeParts): readonly Probe[] {
  const { config, log } = platform
  const { providerOrigins, mail, payments } = config
  const reach = (component: Component, origin: string): Probe => ({
    component,
    look: (signal) => reachOrigin(origin, { signal, stopwatch }),
  })
  const mailer = mail.smtpUrl === undefined ? undefined : createMailer(config, log)
  return [
    probeApi(ownOrigin, loop, stopwatch),
    probeDatabase(platform, stopwatch),
    ...providers.map((provider) => reach(provider, providerOrigins[provider])),
    ...(mailer === undefined ? [] : [probeMail(() => mailer.check())]),
    ...(payments === undefined ? [] : [reach('payments', payments.apiUrl)]),
  ]
}

function probeMail(check: () => Promise<void>): Probe {
  return {
    component: 'mail',
    async look() {
      await check()
      return 'operational'
    },
  }
}
