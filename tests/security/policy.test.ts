import { readFile } from 'node:fs/promises'
import { CspEvaluator } from 'csp_evaluator'
import { Severity } from 'csp_evaluator/dist/finding.js'
import { CspParser } from 'csp_evaluator/dist/parser.js'
import { describe, expect, test } from 'vitest'
import { caddyfile } from '../support/caddy.ts'

const policies = [...(await readFile(caddyfile, 'utf8')).matchAll(/Content-Security-Policy "([^"]+)"/g)].map(
  ([, policy = '']) => policy,
)

/** What Google's CSP Evaluator has against a policy. Left out is that 'self' may hold users’ files: ours holds none. */
function findings(policy: string): string[] {
  return new CspEvaluator(new CspParser(policy).csp)
    .evaluate()
    .filter(({ severity }) => [Severity.HIGH, Severity.MEDIUM, Severity.HIGH_MAYBE].includes(severity))
    .map(({ directive, value, description }) => `${directive} ${value ?? ''}: ${description}`)
}

describe('H3 a Content-Security-Policy of ours', () => {
  test('is one for programs and one for pages', () => {
    expect(policies).toHaveLength(2)
  })

  test.each(policies)('%s', (policy) => {
    expect(policy).toMatch(/^default-src 'none';/)
    expect(policy).not.toContain('unsafe-')
    expect(findings(policy)).toEqual([])
  })

  test('would be found wanting with inline scripts, or with those of anybody', () => {
    const [, page = ''] = policies
    expect(findings(page.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'"))).not.toEqual([])
    expect(findings(page.replace("script-src 'self'", 'script-src *'))).not.toEqual([])
  })
})
