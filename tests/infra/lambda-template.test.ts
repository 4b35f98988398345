import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { capabilityNames } from '../../infra/capabilities.ts'
import { root } from '../support/source-graph.ts'

const source = await readFile(join(root, 'infra/lambda/template.yaml'), 'utf8')
const tags = ['Join', 'Ref', 'Sub', 'If', 'GetAtt', 'Equals', 'Not', 'Or']
const customTags = tags.flatMap((name) => [
  { tag: `!${name}`, resolve: (value: string) => ({ [name]: value }) },
  ...(['map', 'seq'] as const).map((collection) => ({ tag: `!${name}`, collection })),
])

const properties = z.strictObject({
  CodeUri: z.string(),
  Role: z.strictObject({ GetAtt: z.literal('Role.Arn') }),
  Timeout: z.int().max(900),
  FunctionUrlConfig: z.strictObject({
    AuthType: z.literal('NONE'),
    InvokeMode: z.enum(['BUFFERED', 'RESPONSE_STREAM']),
  }),
  FileSystemConfigs: z.unknown(),
  Environment: z.unknown().optional(),
})
const template = z
  .object({
    Globals: z.object({ Function: z.object({ Handler: z.literal('lambda.handler') }) }),
    Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown() })),
  })
  .parse(parse(source, { customTags }))

const functions = Object.values(template.Resources)
  .filter(({ Type }) => Type === 'AWS::Serverless::Function')
  .map((resource) => properties.parse(resource.Properties))

test('L1 every function is deployed from its artefact', () => {
  expect(functions.map(({ CodeUri }) => CodeUri)).toEqual(
    capabilityNames.map((name) => `../../dist/lambda/${name}.zip`),
  )
})

test('L1 functions that answer in streams have an address that streams', async () => {
  for (const [at, { FunctionUrlConfig }] of functions.entries()) {
    const handler = await readFile(join(root, `functions/${capabilityNames[at]}/lambda.ts`), 'utf8')
    const streams = handler.includes('streamingLambdaHandler(')
    expect(FunctionUrlConfig.InvokeMode).toBe(streams ? 'RESPONSE_STREAM' : 'BUFFERED')
  }
})

test('a run and an export have all the time that Lambda gives', () => {
  const patient = functions.filter(({ Timeout }) => Timeout === 900).map(({ CodeUri }) => CodeUri)
  expect(patient).toEqual(['../../dist/lambda/export.zip', '../../dist/lambda/runs.zip'])
})

test('no secret stands in the template', () => {
  const secrets = source.matchAll(/^ +(\w*(?:SECRET|MASTER_KEY|SMTP_URL)\w*): (.*(?:\n.*){2})/gm)
  const values = [...secrets].map(([, name, value]) => value?.includes(`SecretString:${name}}}`))
  expect(values.length).toBeGreaterThan(3)
  expect(values.every(Boolean)).toBe(true)
})
