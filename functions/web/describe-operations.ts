import * as z from 'zod'
import { describeApi } from '../../core/http/openapi.ts'
import { bytes, type Operation, operation } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'

/** The description of the operations of this host. It is written once, at the first call. */
export function describeOperations({ config }: Platform, hosted: () => readonly Operation[]): Operation {
  let description: Buffer | undefined
  return operation({
    method: 'GET',
    url: '/api/openapi.json',
    access: 'public',
    summary: 'Describe this API (OpenAPI 3.1)',
    schema: { response: { 200: z.looseObject({ openapi: z.string() }) } },
    async handle() {
      description ??= Buffer.from(JSON.stringify(describeApi(hosted(), config.publicUrl)))
      return bytes(200, 'application/json; charset=utf-8', description)
    },
  })
}
